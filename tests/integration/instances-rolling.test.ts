import { randomInt, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rollUps } from '../helpers/ledger'
import { startInstances, type Instances } from '../helpers/instances'
import { randomUsage } from '../helpers/load'
import { describeWith, service } from '../helpers/services'
import { openStream, type SeenStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { paced, type Pace } from '../helpers/upstream/paced'

// A new version is rolled out while people work: nobody's answer is cut, nothing is booked twice or not at all.

const ROUNDS = Number(process.env.RESTART_ROUNDS ?? 2)
const CLIENTS = Number(process.env.RESTART_STREAMS ?? 40)
const FRAME_MS = { least: 20, most: 120 }

/** Frames at the speed of an upstream that thinks. */
const thinking = (): Pace => ({ allow: () => {}, next: () => new Promise(resolve => setTimeout(resolve, randomInt(FRAME_MS.least, FRAME_MS.most))) })

interface Ended { session: string, instance: number, stream: SeenStream | null, code: string | null }

/** Clients that ask either instance again and again, and the other one when no connection comes about. */
function startClients(both: Instances) {
  const ended: Ended[] = []
  let stopped = false

  async function once(instance: number): Promise<Ended> {
    const session = randomUUID()
    try {
      const stream = await openStream(both.ask(instance, {}, { 'x-claude-code-session-id': session }))
      return { session, instance, stream: await stream.done, code: null }
    }
    catch (error) {
      return { session, instance, stream: null, code: (error as NodeJS.ErrnoException).code ?? String(error) }
    }
  }
  async function client(): Promise<void> {
    let instance = randomInt(2)
    while (!stopped) {
      const one = await once(instance)
      ended.push(one)
      instance = one.stream ? randomInt(2) : 1 - instance
    }
  }
  const all = Array.from({ length: CLIENTS }, client)
  return {
    ended,
    answered: () => ended.filter(one => one.stream).length,
    async stop() {
      stopped = true
      await Promise.all(all)
    },
  }
}

describeWith(['mysql', 'redis'], 'instances that are restarted one after the other', () => {
  let both: Instances
  beforeEach(async () => {
    both = await startInstances({ env: { REDIS_URL: service('redis') }, account: { maxConcurrency: CLIENTS * 2 } })
    both.upstreams[0]!.script(() => paced(thinking(), { usage: randomUsage(), blocks: [{ type: 'text', text: 'On it, one word after the other. '.repeat(4), pieces: 12 }] }))
  })
  afterEach(() => both.close())

  it(`${CLIENTS} running streams, ${ROUNDS} rounds: none is cut, each is booked once`, { timeout: 120_000 + ROUNDS * 60_000 }, async ({ annotate }) => {
    const [upstream] = both.upstreams
    const clients = startClients(both)
    const more = async (count: number) => {
      const goal = clients.answered() + count
      await poll(() => clients.answered() >= goal || undefined, `${count} more answers`, 60_000)
    }
    await more(CLIENTS)
    const running: number[] = []
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of both.servers) {
        const from = performance.now()
        running.push(upstream!.requests.length - clients.answered())
        expect(await server.stop()).toEqual({ code: 0, signal: null })
        took.push(Math.round(performance.now() - from))
        await server.restart()
        await more(CLIENTS)
      }
    }
    await clients.stop()

    const answered = clients.ended.filter(one => one.stream)
    const turnedAway = clients.ended.filter(one => !one.stream)
    expect(answered.filter(({ stream }) => !stream!.complete()).map(({ instance, stream }) => ({ instance, status: stream!.status, state: stream!.state, end: stream!.raw().toString().slice(-300) }))).toEqual([])
    // Whom a closing instance turned away never reached the upstream, so that asking again costs nothing twice.
    const reached = new Set(upstream!.requests.map(request => request.headers['x-claude-code-session-id']))
    expect(turnedAway.filter(one => reached.has(one.session))).toEqual([])
    expect([upstream!.requests.length, reached.size]).toEqual([answered.length, answered.length])

    await Promise.all(both.servers.map(server => server.stop()))
    const rows = await both.database.query<{ session_id: string, outcome: string }>('select session_id, outcome from logs')
    expect(rows.filter(row => row.outcome !== 'ok')).toEqual([])
    expect(rows.map(row => row.session_id).sort()).toEqual(answered.map(one => one.session).sort())
    const { rows: booked, hourly } = await rollUps(both.database.query)
    expect(hourly).toEqual(booked)
    const codes = [...new Set(turnedAway.map(one => one.code))].map(code => `${code} ${turnedAway.filter(one => one.code === code).length}`)
    await annotate(`${answered.length} answers; running at the signal: ${Math.min(...running)} to ${Math.max(...running)}; turned away: ${codes.join(', ')}; ends took ${took.join(', ')} ms`)
  })
})
