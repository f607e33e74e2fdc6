import { randomInt } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import type { LogView } from '#shared/types/api'
import type { ApiClient } from '../helpers/api'
import { rollUps, sqliteQuery, type Query } from '../helpers/ledger'
import { randomUsage, startLoad, type Seen } from '../helpers/load'
import { startRelay, type Relay } from '../helpers/relay'
import { createDatabase, describeWith, type TestDatabase } from '../helpers/services'
import { poll } from '../helpers/until'
import { ok, wantsStream } from '../helpers/upstream/behaviours'
import type { RecordedRequest } from '../helpers/upstream/exchange'
import { silentAt, type Point } from '../helpers/upstream/faults'
import { chopped } from '../helpers/upstream/paced'

const STREAMS = Number(process.env.CRASH_STREAMS ?? 40)
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 3)
const points: Point[] = ['headers', 'nothing', 'message_start', 'in_block', 'in_frame', 'after_block', 'message_delta']

/** Most answers come in pieces of any size; some stop at a point of their stream and stay open. */
function behaviourOf(request: RecordedRequest) {
  const given = { usage: randomUsage() }
  if (!wantsStream(request)) return ok(given)
  if (randomInt(6) === 0) return silentAt(points[randomInt(points.length)]!, { given })
  return chopped(randomInt(20, 700), given)
}

const sessionOf = (request: RecordedRequest) => String(request.headers['x-claude-code-session-id'])
/** Had the upstream said all that a client needs to take the answer for whole? */
const saidAll = (request: RecordedRequest) => !wantsStream(request) || Buffer.concat(request.sent).includes('message_delta')

/** One round: load, kill -9 at a random moment, start again. */
async function crash(relay: Relay): Promise<{ seen: Seen[], reached: RecordedRequest[] }> {
  relay.upstream.reset()
  relay.upstream.script(behaviourOf)
  const target = randomInt(STREAMS / 2, STREAMS * 2)
  let ended = 0
  let enough = () => {}
  const moment = new Promise<void>((resolve) => {
    enough = resolve
  })
  const load = startLoad(relay.server.relay, relay.key.key, STREAMS, () => {
    if (++ended === target) enough()
  })
  await moment
  await relay.server.kill()
  const seen = await load.stop()
  await relay.upstream.until(() => relay.upstream.requests.every(request => request.finished || request.aborted), 'all connections to be gone')
  const reached = [...relay.upstream.requests]
  await relay.server.restart()
  return { seen, reached }
}

async function rowsBySession(api: ApiClient, from: number, sessions: string[]): Promise<Map<string, LogView>> {
  return await poll(async () => {
    const rows = (await api.listLogs({ from: String(from) })).filter(row => row.sessionId !== null)
    const found = new Map(rows.map(row => [row.sessionId!, row]))
    if (found.size !== rows.length) throw new Error(`${rows.length} rows for ${found.size} requests`)
    return sessions.every(session => found.has(session)) ? found : undefined
  }, `a row for each of ${sessions.length} requests`, 30_000)
}

function checkRound({ seen, reached }: { seen: Seen[], reached: RecordedRequest[] }, rows: Map<string, LogView>): void {
  const wrong: unknown[] = []
  const bySession = new Map(seen.map(one => [one.session, one]))
  for (const request of reached) {
    const row = rows.get(sessionOf(request))
    const client = bySession.get(sessionOf(request))
    if (!row || !client) wrong.push({ missing: sessionOf(request), row, client })
    else if (client.complete) {
      if (row.outcome !== 'ok' || !row.usageComplete || Object.entries(client.tokens ?? {}).some(([name, count]) => row[name as keyof LogView] !== count)) wrong.push({ client, row })
    }
    // Settled just before the end, its last bytes never left: booked as what it cost.
    else if (row.outcome === 'ok' ? !saidAll(request) : row.outcome !== 'interrupted' || row.usageComplete) wrong.push({ client, row })
    else if (client.started && row.inputTokens === 0) wrong.push({ lost: 'usage of message_start', client, row })
  }
  expect(wrong).toEqual([])
  const strangers = [...rows.values()].filter(row => !bySession.has(row.sessionId!) && !reached.some(request => sessionOf(request) === row.sessionId))
  expect(strangers).toEqual([])
}

/** Says how many requests of each fate it saw, so that a run that tried nothing shows. */
async function survive(env: Record<string, string>, query: (relay: Relay) => Query): Promise<string> {
  const relay = await startRelay(env)
  const sums = { reached: 0, complete: 0, interrupted: 0 }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const from = Date.now()
      const result = await crash(relay)
      const rows = await rowsBySession(await relay.server.login(), from, result.reached.map(sessionOf))
      checkRound(result, rows)
      sums.reached += result.reached.length
      sums.complete += result.seen.filter(one => one.complete).length
      sums.interrupted += [...rows.values()].filter(row => row.outcome === 'interrupted').length
    }
    await relay.server.stop()
    const { rows, hourly, daily } = await rollUps(query(relay))
    expect(rows.length).toBeGreaterThan(0)
    expect(hourly).toEqual(rows)
    for (const scope of Object.values(daily)) expect(scope.daily).toEqual(scope.rows)
    expect(Math.min(sums.complete, sums.interrupted)).toBeGreaterThan(0)
    return JSON.stringify(sums)
  }
  finally {
    await relay.close()
  }
}

const limit = 60_000 + ROUNDS * STREAMS * 500
const title = `kill -9 during ${STREAMS} concurrent requests, ${ROUNDS} times, loses and doubles nothing`

describeWith([], 'a crash on SQLite', () => {
  it(title, { timeout: limit }, async ({ annotate }) => {
    await annotate(await survive({}, relay => sqliteQuery(relay.server.dataDir)))
  })
})

describeWith(['mysql'], 'a crash on MariaDB', () => {
  let database: TestDatabase
  afterEach(async () => {
    await database.drop()
  })

  it(title, { timeout: limit }, async ({ annotate }) => {
    database = await createDatabase()
    await annotate(await survive({ DATABASE_URL: database.url }, () => database.query))
  })
})
