import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { environment, readConfig } from '#server/config'
import { filesBelow } from '../../scripts/lib/sources.mjs'

const lines = readFileSync('.env.example', 'utf8').split('\n')
const shown = lines.flatMap((line, at) => {
  const [, name, value] = /^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
  return name === undefined ? [] : [{ name, value: value!, above: lines[at - 1]! }]
})

test('every variable of the schema is documented once, and nothing else is', () => {
  expect(shown.map(entry => entry.name).sort()).toEqual(Object.keys(environment.shape).sort())
})

test('every variable has a line of explanation above it', () => {
  const bare = shown.filter(entry => !/^# \S.+\.$/.test(entry.above))
  expect(bare.map(entry => entry.name)).toEqual([])
})

test('copying the file changes nothing: what it sets is the default', () => {
  const copied = Object.fromEntries(shown.map(entry => [entry.name, entry.value]))
  expect(readConfig(copied)).toEqual(readConfig({}))
})

test('a variable with a default shows it', () => {
  const defaults: Record<string, unknown> = environment.parse({})
  for (const { name, value } of shown) {
    const fallback = defaults[name]
    const text = fallback === undefined || Array.isArray(fallback) ? '' : String(fallback)
    expect(value, name).toBe(text)
  }
})

test('nothing is set in the example itself, so that a copy holds no secret', () => {
  expect(lines.filter(line => line && !line.startsWith('#'))).toEqual([])
})

test('what has no effect yet stands under "Reserved", and nothing else does', () => {
  const code = filesBelow('.', ['server']).filter(path => path.endsWith('.ts')).map(path => readFileSync(path, 'utf8')).join('\n')
  const uses = (name: string) => code.match(new RegExp(`\\b(?:config|c|parsed)\\.${name}\\b`, 'g')) !== null
  const reserved = lines.slice(lines.findIndex(line => line.startsWith('# --- Reserved')))
  const isReserved = (name: string) => reserved.some(line => line.startsWith(`# ${name}=`))
  const oldNames = ['JWT_SECRET', 'SALT']
  expect(shown.map(entry => entry.name).filter(name => !oldNames.includes(name) && uses(name) === isReserved(name))).toEqual([])
})
