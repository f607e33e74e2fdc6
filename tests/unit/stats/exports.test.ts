import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logExportSchema } from '#shared/schemas/log'
import { statsExportSchema } from '#shared/schemas/stats'
import { exportFile, type ExportFile } from '#server/lib/export-file'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { closedRequest } from '../../helpers/requests'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 0, 5, 12)

let domain: Domain
let ann: Actor
let ben: Actor
let admin: Actor

beforeAll(async () => {
  domain = await openDomain({ TZ: 'Asia/Shanghai' })
  ;[ann, ben, admin] = [await domain.addUser({ username: 'ann' }), await domain.addUser({ username: 'ben' }), await domain.addUser({ username: 'root', role: 'admin' })]
  const rows = Array.from({ length: 1203 }, (_, i) => closedRequest(`r${i}`, { userId: ann.id, apiKeyId: 'k1', createdAt: NOW - i * HOUR, keyName: i === 0 ? '=cmd|\' /C calc\'!A0' : 'a "quoted", key\nof two lines', costNano: 1_500_000_000 }))
  await domain.repos.ledger.book({ file: 'f', from: 0, to: 1, at: NOW, timeZone: 'Asia/Shanghai', rows })
}, 60_000)
afterAll(() => domain.close())

async function read({ pieces }: ExportFile): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}
const logs = (actor: Actor, query: Record<string, string> = {}) => domain.services.exports.logs(actor, logExportSchema.parse(query))

describe('an export of logs', () => {
  it('is CSV with a date in its name and local times, and runs no formula in a spreadsheet', async () => {
    const file = logs(ann)
    expect(file).toMatchObject({ name: 'relay-logs-2026-01-05.csv', contentType: expect.stringContaining('text/csv') })
    const [head, first, second] = (await read(file)).split('\r\n')
    expect(head).toMatch(/^time,startedAt,requestId,.*,costUsd,billedUsd,/)
    expect(first).toMatch(/^2026-01-05T20:00:00\+08:00,/)
    expect(first).toContain(',\'=cmd|\' /C calc\'!A0,')
    expect(second).toContain(',"a ""quoted"", key\nof two lines",')
    expect(second).toContain(',1.5,')
  })

  it('begins with a mark for Excel when asked to', async () => {
    expect((await read(logs(ann, { bom: 'true' }))).startsWith('\uFEFFtime,')).toBe(true)
  })

  it('is JSON, whole or by line, of every row once', async () => {
    const whole = JSON.parse(await read(logs(ann, { format: 'json', keyId: 'k1' }))) as { requestId: string }[]
    expect(new Set(whole.map(row => row.requestId)).size).toBe(1203)
    expect(whole).toHaveLength(1203)
    const lines = (await read(logs(ann, { format: 'ndjson' }))).trimEnd().split('\n')
    expect(lines).toHaveLength(31 * 24)
    expect(JSON.parse(lines[5] ?? '')).toMatchObject({ requestId: 'r5', costUsd: '1.5' })
    expect(JSON.parse(await read(logs(ben, { format: 'json' })))).toEqual([])
    expect(await read(logs(ben, { format: 'ndjson' }))).toBe('')
  })

  it('holds one\'s own rows; an admin\'s everybody\'s', async () => {
    expect((await read(logs(ben))).trimEnd().split('\r\n')).toHaveLength(1)
    expect(() => logs(ben, { userId: ann.id })).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect((await read(logs(admin, { format: 'ndjson', userId: ann.id, from: String(NOW - DAY) }))).split('\n').length).toBe(26)
  })

  it('covers 31 days, longer with a key, an account or a session', async () => {
    const from = String(NOW - 40 * DAY)
    expect(() => logs(ann, { from })).toThrow(expect.objectContaining({ code: 'validation' }))
    for (const [name, value] of [['keyId', 'k1'], ['accountId', 'account1'], ['sessionId', 'session1']] as const) {
      expect((await read(logs(ann, { from, format: 'ndjson', [name]: value }))).trimEnd().split('\n')).toHaveLength(961)
    }
  })

  it('reads on only when asked, and stops when its reader leaves', async () => {
    let read = 0
    let closed = false
    async function* batches() {
      try {
        for (;;) {
          read++
          yield [{ a: read }]
        }
      }
      finally {
        closed = true
      }
    }
    const { pieces } = exportFile(batches(), [{ name: 'a', value: row => row.a }], { format: 'csv', bom: false, name: 'x', date: 'd' })
    expect([(await pieces.next()).value, (await pieces.next()).value]).toEqual(['a\r\n', '1\r\n'])
    expect(read).toBe(1)
    await pieces.return(undefined)
    expect(closed).toBe(true)
  })
})

it('an export of statistics has every step or every row', async () => {
  const file = async (query: Record<string, string>) => read(await domain.services.exports.statistics(ann, statsExportSchema.parse(query)))
  expect((await file({ by: 'day', from: '2026-01-04' })).trimEnd().split('\r\n')).toEqual([
    'day,requests,errors,inputTokens,outputTokens,cacheReadTokens,cacheWrite5mTokens,cacheWrite1hTokens,totalTokens,costUsd,billedUsd,averageTtfbMs,averageDurationMs',
    '2026-01-04,24,0,240,120,0,0,0,360,36,0.00168,20,50',
    '2026-01-05,21,0,210,105,0,0,0,315,31.5,0.00147,20,50',
  ])
  expect(await file({ by: 'session' })).toMatch(/^sessionId,agentId,keyId,keyName,firstAt,lastAt,requests,.*\r\nsession1,,k1,,2026-/)
  expect(JSON.parse(await file({ by: 'model', format: 'json' }))).toMatchObject([{ id: 'claude-sonnet-5-5' }])
})
