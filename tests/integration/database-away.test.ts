import { afterEach, beforeEach, expect, it } from 'vitest'
import { rollUps } from '../helpers/ledger'
import { randomUsage, startLoad, type Seen } from '../helpers/load'
import { startRelay, type Relay } from '../helpers/relay'
import { createDatabase, describeWith, startOwnMariadb, type OwnMariadb, type TestDatabase } from '../helpers/services'
import { poll } from '../helpers/until'
import { ok } from '../helpers/upstream/behaviours'

const AWAY_MS = Number(process.env.DATABASE_AWAY_MS ?? 4000)
const CLIENTS = 8

describeWith(['mariadb programs'], 'MariaDB stops under load', () => {
  let mariadb: OwnMariadb
  let database: TestDatabase
  let relay: Relay

  beforeEach(async () => {
    mariadb = await startOwnMariadb()
    database = await createDatabase(mariadb.url)
    relay = await startRelay({ DATABASE_URL: database.url })
    relay.upstream.script(() => ok({ usage: randomUsage() }))
  })
  afterEach(async () => {
    await relay.close()
    await mariadb.remove()
  })

  const ready = async () => (await fetch(`${relay.server.url}/ready`)).status
  const readyIs = (status: number) => poll(async () => (await ready()) === status || undefined, `/ready to say ${status}`)

  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s and comes back: no request fails for it, no row is missing', { timeout: 120_000 + AWAY_MS * 3 }, async (signal) => {
    const from = Date.now()
    const load = startLoad(relay.server.relay, relay.key.key, CLIENTS)
    const more = (count: number) => {
      const goal = load.seen.length + count
      return poll(() => load.seen.length >= goal || undefined, `${count} more answers`, 60_000)
    }
    await more(30)
    await mariadb.stop(signal)
    const gone = Date.now()
    await readyIs(503)
    expect((await fetch(`${relay.server.url}/health`)).status).toBe(200)
    await more(100)
    await poll(() => Date.now() - gone >= AWAY_MS || undefined, 'the time of absence to pass', AWAY_MS + 10_000)
    await mariadb.start()
    await readyIs(200)
    await more(30)
    const seen = await load.stop()

    expect(seen.filter(one => !one.complete)).toEqual([])
    const api = await relay.server.login()
    const rows = await poll(async () => {
      const found = await api.listLogs({ from: String(from - 1000) })
      return found.length >= seen.length ? found : undefined
    }, 'all rows to be booked', 30_000)
    const bySession = new Map(rows.map(row => [row.sessionId, row]))
    expect([rows.length, bySession.size]).toEqual([seen.length, seen.length])
    expect(seen.filter((one: Seen) => bySession.get(one.session)?.outputTokens !== one.tokens?.outputTokens)).toEqual([])
    const { rows: booked, hourly } = await rollUps(database.query)
    expect(hourly).toEqual(booked)
  })
})
