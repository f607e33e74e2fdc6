import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readMarkdown } from '#server/help/markdown'
import { relayErrors } from '#server/relay/errors'

const root = new URL('../../../content/help/', import.meta.url).pathname
const files = (language: string) => readdirSync(join(root, language)).sort()
const pageOf = (language: string, file: string) => readMarkdown(readFileSync(join(root, language, file), 'utf8'))
const slugOf = (file: string) => file.replace(/^\d+-|\.md$/g, '')
const idsOf = (language: string, file: string) => pageOf(language, file).headings.filter(({ level }) => level === 2).map(({ id }) => id)

/** Pages of the relay that a text may lead to besides the help. */
const elsewhere = ['/', '/login', '/register', '/status', '/stats/api-key', '/setup.sh', '/setup.ps1', '/keys', '/logs', '/api-reference']

describe('the texts of the help', () => {
  test('are there in both languages, with the same places to lead to', () => {
    expect(files('zh-CN')).toEqual(files('en'))
    for (const file of files('en')) expect(idsOf('zh-CN', file), file).toEqual(idsOf('en', file))
  })

  test('say of every error of the relay what to do, and of no other', () => {
    expect(idsOf('en', '70-errors.md').sort()).toEqual(Object.keys(relayErrors).sort())
  })

  test.each([['en', 'You', 'Operator'], ['zh-CN', '你', '管理员']])('in %s say of each error its status, what is shown, and what user and operator can do', (language, user, operator) => {
    const text = readFileSync(join(root, language, '70-errors.md'), 'utf8')
    const sections = text.split(/^## /m).slice(1)
    expect(sections).toHaveLength(Object.keys(relayErrors).length)
    for (const [code, { status }] of Object.entries(relayErrors)) {
      const section = sections.find(each => each.startsWith(`${code} {#${code}}\n`)) ?? ''
      expect(section, code).toMatch(new RegExp(`^.+\\n\\n\\D+${status}\\D+\`[^\`]+\`.*\\n\\n.+\\n\\n- \\*\\*${user}\\*\\*.+\\n- \\*\\*${operator}\\*\\*.+`))
    }
  })

  test.each(['en', 'zh-CN'])('in %s lead to what is there, and name what is to be pasted', (language) => {
    const places = new Map(files(language).map(file => [slugOf(file), pageOf(language, file).headings.map(({ id }) => id)]))
    for (const file of files(language)) {
      const { parts } = pageOf(language, file)
      for (const part of parts) {
        if (part.kind === 'code') expect(part.label, `${file}: ${part.text}`).not.toBe('')
        else for (const [, href = ''] of part.html.matchAll(/href="([^"]*)"/g)) expect(leads(href, slugOf(file), places), `${file}: ${href}`).toBe(true)
      }
    }
  })
})

function leads(href: string, from: string, places: Map<string, string[]>): boolean {
  if (href.startsWith('https://')) return true
  const [path = '', id] = href.split('#')
  if (elsewhere.includes(path)) return true
  const slug = path === '' ? from : path === '/help' ? 'index' : /^\/help\/([\w-]+)$/.exec(path)?.[1]
  const ids = slug === undefined ? undefined : places.get(slug)
  return ids !== undefined && (id === undefined || ids.includes(decodeURIComponent(id)))
}
