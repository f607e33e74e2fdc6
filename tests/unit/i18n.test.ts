import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { limits } from '#server/limits/index'
import { errorTexts } from '#shared/schemas/errors'
import { outcomes } from '#shared/types/log'
import { schedule } from '#server/schedule'
import en from '~/i18n/en.json'
import zh from '~/i18n/zh-CN.json'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Tree { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)]))
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.(?:vue|ts)$/.test(entry.name))
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

const vueSide = [readFileSync(join(root, 'error.vue'), 'utf8'), ...['pages', 'layouts', 'components', 'composables'].flatMap(sources)]
const texts = { 'en': flat(en), 'zh-CN': flat(zh) }
const keys = [...texts.en.keys()]
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]).sort().join()
/** Of each form for one and for many; Chinese has one form for all. */
const placeholdersOf = (text = '') => [...new Set(text.split(' | ').map(placeholders))]

/** Keys written out, and patterns of those put together: `logs.outcomes.${x}` may be any key of that shape. */
const used = vueSide.flatMap(text => [
  ...[...text.matchAll(/\bte?\(\s*'([\w.]+)'/g)].map(match => match[1]!),
  ...[...text.matchAll(/\bt\([^'`()]*\?\s*'([\w.]+)'\s*:\s*'([\w.]+)'/g)].flatMap(match => [match[1]!, match[2]!]),
  ...[...text.matchAll(/label: '([a-z]\w*\.[\w.]+)'/g)].map(match => match[1]!),
])
const shapes = vueSide.flatMap(text => [...text.matchAll(/`([a-z]\w*\.(?:[\w.]|\$\{[^}]+\})*\$\{[^}]+\}[\w.]*)`/g)]
  .map(match => new RegExp(`^${match[1]!.replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '[\\w-]+')}$`)))

describe('texts of the pages', () => {
  it('has the same keys in both languages', () => {
    expect([...texts['zh-CN'].keys()].sort()).toEqual([...keys].sort())
  })

  it('has the same placeholders in both languages', () => {
    const differing = keys.filter(key => placeholdersOf(texts.en.get(key)).join(' | ') !== placeholdersOf(texts['zh-CN'].get(key)).join(' | '))
    expect(differing).toEqual([])
  })

  it('leaves no text empty and none untranslated that should be', () => {
    const same = ['setup.shell.bash', 'setup.shell.powershell', 'setup.shell.settings', 'logs.ip']
    expect(keys.filter(key => !texts.en.get(key)!.trim() || !texts['zh-CN'].get(key)!.trim())).toEqual([])
    expect(keys.filter(key => !same.includes(key) && !/\p{Script=Han}/u.test(texts['zh-CN'].get(key)!))).toEqual([])
  })

  it('finds the uses that it checks', () => {
    expect(used.length).toBeGreaterThan(150)
    expect(shapes.length).toBeGreaterThan(15)
  })

  it('knows every key that is used', () => {
    expect([...new Set(used)].filter(key => !texts.en.has(key))).toEqual([])
    expect(shapes.filter(shape => !keys.some(key => shape.test(key))).map(String)).toEqual([])
  })

  it('holds no key that nothing uses', () => {
    const written = new Set(used)
    const byServer = (key: string) => /^(?:errors|failures|notices|mails)\./.test(key) || labels.has(key)
    expect(keys.filter(key => !written.has(key) && !byServer(key) && !shapes.some(shape => shape.test(key)))).toEqual([])
  })
})

/** Labels and helps of the forms that the server describes, and of their kinds. */
const labels = new Set([
  ...['server/platforms', 'server/notifications'].flatMap(sources).flatMap(text => [...text.matchAll(/\b(?:label|help): '(\w+\.[\w.]+)'/g)].map(match => match[1]!)),
  ...limits.flatMap(({ form }) => form.flatMap(({ label, help, unit }) => [label, help, unit].filter(text => text !== undefined))),
])

describe('texts that the server refers to', () => {
  it('has the labels of every form', () => {
    expect(labels.size).toBeGreaterThan(0)
    expect([...labels].filter(key => !texts.en.has(key))).toEqual([])
  })

  it('has a text for each way a field can be wrong, with the same parameters', () => {
    for (const [key, text] of Object.entries(errorTexts)) expect([key, placeholders(texts.en.get(key) ?? 'missing')]).toEqual([key, placeholders(text)])
  })

  it('has words for each reason that states, attempts and explanations and deliveries are given', () => {
    const server = sources('server').join('\n')
    const given = new Set([
      ...[...server.matchAll(/\breason: '(\w+)'/g)].map(match => match[1]!),
      ...[...server.matchAll(/export type (?:Obstacle|Refusal) = ([^\n]+)/g)].flatMap(match => [...match[1]!.matchAll(/'(\w+)'/g)].map(name => name[1]!)),
      ...[...server.matchAll(/reason: Obstacle \| ([^\n]+)/g)].flatMap(match => [...match[1]!.matchAll(/'(\w+)'/g)].map(name => name[1]!)),
    ])
    expect(given.size).toBeGreaterThan(20)
    expect([...given].filter(reason => !texts.en.has(`reasons.${reason}`) && !texts.en.has(`notifications.results.${reason}`))).toEqual([])
  })

  it('has a name for each scheduled task', () => {
    expect(Object.keys(schedule).filter(task => !texts.en.has(`system.names.${task.replace(':', '-')}`))).toEqual([])
  })

  it('has a name for each outcome', () => {
    expect(outcomes.filter(outcome => !texts.en.has(`logs.outcomes.${outcome}`))).toEqual([])
  })

  it('has a text for each failure of the API that people can meet', () => {
    const codes = [...readFileSync(join(root, 'server/lib/errors.ts'), 'utf8').matchAll(/\| '(\w+)'/g)].map(match => match[1]!)
    const machineOnly = ['validation', 'body_invalid', 'method_not_allowed', 'length_required', 'body_too_large', 'media_type', 'not_revealable']
    expect(codes.length).toBeGreaterThan(8)
    expect(codes.filter(code => !machineOnly.includes(code) && !texts.en.has(`failures.${code}`))).toEqual([])
  })
})
