import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { relayErrors } from '#server/relay/errors'
import { filesBelow } from '../../scripts/lib/sources.mjs'

const document = readFileSync('docs/api.md', 'utf8')

/** `server/api/keys/[id].patch.ts` as `PATCH /api/keys/:id`. */
function callOf(file: string): string | null {
  const [, path, method] = /^server(\/api\/.+)\.(get|post|put|patch|delete)\.ts$/.exec(file) ?? []
  return path === undefined ? null : `${method!.toUpperCase()} ${path.replace(/\/index$/, '').replace(/\[(\w+)\]/g, ':$1')}`
}

test('every call of the API is documented, and every documented call exists', () => {
  const existing = filesBelow('.', ['server/api']).map(callOf).filter(call => call !== null)
  const documented = [...document.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/api\/[^\s`?]+)`/g)].map(match => match[1]!)
  expect([...new Set(documented)].sort()).toEqual([...existing].sort())
})

test('the documented errors of the relay have their real status', () => {
  const rows = [...document.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (\d{3})/gm)]
  expect(rows.length).toBeGreaterThan(5)
  for (const [, codes, status] of rows) {
    for (const [, code] of codes!.matchAll(/`(\w+)`/g)) expect(relayErrors[code as keyof typeof relayErrors]?.status, code).toBe(Number(status))
  }
})
