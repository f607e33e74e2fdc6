import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const documents = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', ...readdirSync('docs').filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]
const read = (path: string) => readFileSync(path, 'utf8')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1]!)
const codeBlocks = (text: string) => all(text, /^ *(```[\s\S]*?^ *```)$/gm)
const headings = (text: string) => all(text.replace(/^ *```[\s\S]*?^ *```$/gm, ''), /^(#+) /gm)
const scripts = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json'))).scripts
/** First parts of the paths of this project. */
const roots = /^(?:\.env\.example|\.github|\.dockerignore|assets|bench|build|components|composables|demo|docs|drizzle|i18n|layouts|middleware|pages|plugins|public|scripts|server|shared|tests|Dockerfile|docker-compose[\w-]*\.yml)(?:\/|$)/

describe.each(documents)('%s', (path) => {
  const text = read(path)

  test('every link inside the project leads to a file', () => {
    const links = all(text, /\]\(([^)\s]+)\)/g).filter(link => !/^https?:|^#/.test(link)).map(link => link.replace(/#.*/, ''))
    expect(links.filter(link => !existsSync(join(dirname(path), link)))).toEqual([])
  })

  test('every path of the project that it names exists', () => {
    const named = [...all(text, /`([^`\s]+)`/g), ...all(codeBlocks(text).join('\n'), /(?:^|\s)((?:tests|scripts)\/\S+)/g)].filter(name => roots.test(name) && !/[<…*]/.test(name))
    expect(named.filter(name => !existsSync(name))).toEqual([])
  })

  test('every npm script that it names exists', () => {
    const named = [...all(text, /npm run ([\w:-]+)/g), ...all(text, /npm (start|test)\b/g)]
    expect(named.filter(name => !(name in scripts))).toEqual([])
  })

  test('every variable that it names is one of .env.example', () => {
    const known = new Set(all(read('.env.example'), /^# ([A-Z][A-Z0-9_]+)=/gm))
    const others = /^(ANTHROPIC_\w+|NODE_ENV|UPPER_SNAKE_CASE|[A-Z]+)$/
    expect(all(text, /`([A-Z][A-Z0-9_]+)`/g).filter(name => !known.has(name) && !others.test(name))).toEqual([])
  })

  test('it names no place of somebody\'s machine and no host besides public documentation', () => {
    expect(text).not.toMatch(/\/(?:work|tmp|root|home)\/|127\.0\.0\.1:(?!1008\d)|registry\./)
    const hosts = all(text, /https?:\/\/([^/\s)`'":]+)/g)
    const fine = ['localhost', '127.0.0.1', 'api.anthropic.com', 'console.anthropic.com', 'claude.ai', 'relay.example.com', 'www.conventionalcommits.org']
    expect(hosts.filter(host => !fine.includes(host))).toEqual([])
  })
})

test('both READMEs have the same headings and the same code', () => {
  const [english, chinese] = ['README.md', 'README.zh-CN.md'].map(read) as [string, string]
  expect(headings(chinese)).toEqual(headings(english))
  expect(codeBlocks(english).length).toBeGreaterThan(5)
  expect(codeBlocks(chinese)).toEqual(codeBlocks(english))
  expect(all(chinese, /`([^`\n]+)`/g).sort()).toEqual(all(english, /`([^`\n]+)`/g).sort())
  expect(all(chinese, /^(\|)/gm).length).toBe(all(english, /^(\|)/gm).length)
})

test('the README\'s settings.json is valid, and its defaults are the real ones', () => {
  const english = read('README.md')
  const json = /```json\n([\s\S]*?)```/.exec(english)![1]!
  expect(Object.keys(JSON.parse(json))).toEqual(['env'])
  expect(read('.env.example')).toMatch(/^# PORT=10081$/m)
  expect(english).toContain('http://localhost:10081/claude-code')
})
