import { afterEach, expect, it } from 'vitest'
import type { AccountView } from '#shared/types/api'
import type { LiveState } from '#shared/types/live'
import type { ApiClient } from '../helpers/api'
import { send, type Received } from '../helpers/http'
import { holding, startInstances, type Instances } from '../helpers/instances'
import { describeWith, service } from '../helpers/services'
import { readStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { after, ok, status } from '../helpers/upstream/behaviours'
import type { Behaviour } from '../helpers/upstream/exchange'
import { gate } from '../helpers/upstream/paced'

// Two instances behind a balancer must look like one to users and to the upstreams.

const IN_FORCE_MS = 2_000
const CAP = 3
/** What a process that is killed held is free after this; and the look for it once a second. */
const FREED_MS = 30_000 + 1_000

let both: Instances
afterEach(() => both.close())

const withRedis = () => ({ REDIS_URL: service('redis') })

/** Milliseconds until the instance no longer answers 200; gives that answer too. */
async function untilRefused(instance: number): Promise<{ ms: number, answer: Received }> {
  const from = performance.now()
  const answer = await poll(async () => {
    const one = await send(both.ask(instance))
    return one.status === 200 ? undefined : one
  }, `instance ${instance} to refuse`)
  return { ms: Math.round(performance.now() - from), answer }
}

async function untilAccepted(instance: number): Promise<void> {
  await poll(async () => (await send(both.ask(instance))).status === 200 || undefined, `instance ${instance} to accept`)
}

/** What is switched off on the first instance is off on the second; gives the time that it took. */
async function switchedOff(): Promise<{ key: number, account: number }> {
  await untilAccepted(1)
  const { accounts: [account], key } = both
  await both.api.ok('PATCH', `/api/keys/${key.id}`, { enabled: false })
  const forKey = await untilRefused(1)
  expect(forKey.answer.status).toBe(401)
  await both.api.ok('PATCH', `/api/keys/${key.id}`, { enabled: true })
  await untilAccepted(1)
  await both.api.ok('PATCH', `/api/accounts/${account!.id}`, { enabled: false })
  const forAccount = await untilRefused(1)
  expect([503, 529]).toContain(forAccount.answer.status)
  await both.api.ok('PATCH', `/api/accounts/${account!.id}`, { enabled: true })
  expect(Math.max(forKey.ms, forAccount.ms)).toBeLessThan(IN_FORCE_MS)
  return { key: forKey.ms, account: forAccount.ms }
}

describeWith(['mysql'], 'two instances on MySQL alone', () => {
  it('a key and an account switched off on one are off on the other', async ({ annotate }) => {
    both = await startInstances()
    const { key, account } = await switchedOff()
    await annotate(`key after ${key} ms, account after ${account} ms`)
  })

  it('know of each other which ones live, and which have ended in good order', async () => {
    both = await startInstances()
    const rows = () => both.database.query<{ pid: number, version: string, heartbeat_at: number, stopped_at: number | null }>('select pid, version, heartbeat_at, stopped_at from instances')
    const [first, second] = both.servers
    expect((await rows()).map(row => [row.pid, row.stopped_at]).sort()).toEqual([first, second].map(({ pid }) => [pid, null]).sort())
    await first.stop()
    expect((await rows()).find(row => row.pid === first.pid)).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string, stopped_at: expect.any(Number) as number })
    expect((await rows()).find(row => row.pid === second.pid)!.stopped_at).toBeNull()
  })
})

describeWith(['mysql'], 'scheduled tasks of two instances', () => {
  it('are caught up at the start, and never two at a time', async () => {
    both = await startInstances()
    const tasks = ['accounts:recover', 'ledger:adopt', 'logs:prune']
    const runs = await poll(async () => {
      const rows = await both.database.query<{ task: string, started_at: number, ended_at: number | null, outcome: string | null }>('select task, started_at, ended_at, outcome from task_runs order by started_at')
      return tasks.every(task => rows.some(row => row.task === task)) && rows.every(row => row.ended_at !== null) ? rows : undefined
    }, 'each task to have run')
    expect(runs.filter(run => run.outcome !== 'ok')).toEqual([])
    for (const task of tasks) {
      const own = runs.filter(run => run.task === task)
      expect(own.filter((run, i) => i > 0 && run.started_at < own[i - 1]!.ended_at!)).toEqual([])
    }
  })
})

describeWith(['mysql', 'redis'], 'two instances on MySQL and Redis', () => {
  it('a key and an account switched off on one are off on the other', async ({ annotate }) => {
    both = await startInstances({ env: withRedis() })
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const { key, account } = await switchedOff()
      times.push(key, account)
    }
    times.sort((a, b) => a - b)
    expect(times[times.length >> 1]).toBeLessThan(100)
    await annotate(`after ${times.join(', ')} ms`)
  })

  it('an account\'s cap holds over both, and everybody gets a turn', async () => {
    both = await startInstances({ env: withRedis(), account: { maxConcurrency: CAP } })
    const [upstream] = both.upstreams
    const hold = holding()
    upstream!.script(() => async (exchange) => {
      await hold.enter(exchange.gone)
      await ok()(exchange)
    })
    const count = 12
    const answers = Array.from({ length: count }, (_, i) => readStream(both.ask(i % 2)))
    for (let done = 0; done < count; done++) {
      const arrived = Math.min(count, CAP + done)
      await upstream!.until(() => upstream!.requests.length === arrived && hold.waiting() > 0, `request ${arrived} at the upstream`)
      hold.next()
    }
    expect((await Promise.all(answers)).map(stream => stream.complete())).toEqual(Array(count).fill(true))
    expect(hold.most()).toBe(CAP)
  })

  it('each tells the requests under way on both', async () => {
    both = await startInstances({ env: withRedis() })
    const [upstream] = both.upstreams
    const [first, second] = await Promise.all(both.servers.map(server => server.login()))
    const wait = gate()
    upstream!.script(() => after(wait.opened, ok()))
    const answers = [0, 1, 1].map(instance => readStream(both.ask(instance)))
    const liveCount = async (api: ApiClient): Promise<number | undefined> => {
      const { running, accounts } = await api.ok<LiveState>('GET', '/api/live/state')
      return accounts[0]?.inFlight === running ? running : undefined
    }
    const told = async (count: number): Promise<void> => {
      for (const api of [first!, second!]) {
        await poll(async () => await liveCount(api) === count || undefined, `${count} requests under way`)
      }
    }
    await told(3)
    wait.open()
    await Promise.all(answers)
    await told(0)
  })

  it('who waits gets the places of an instance that is killed once their time is over', { timeout: 120_000 }, async ({ annotate }) => {
    both = await startInstances({ env: { ...withRedis(), QUEUE_TIMEOUT_MS: String(2 * FREED_MS) }, account: { maxConcurrency: CAP } })
    const [upstream] = both.upstreams
    upstream!.queue(...Array.from({ length: CAP }, () => after(new Promise(() => {}), ok())))
    const cut = Array.from({ length: CAP }, () => readStream(both.ask(0)).catch(() => null))
    await upstream!.until(() => upstream!.requests.length === CAP, 'all places to be taken')
    const waiting = Array.from({ length: CAP + 2 }, () => readStream(both.ask(1)))
    await both.servers[0].kill()
    const killed = performance.now()
    await Promise.all(cut)
    expect(upstream!.requests.length).toBe(CAP)
    expect((await Promise.all(waiting)).map(stream => stream.complete())).toEqual(waiting.map(() => true))
    const took = Math.round(performance.now() - killed)
    expect(took).toBeLessThan(FREED_MS + 5_000)
    await annotate(`all were answered ${took} ms after the end of the instance`)
  })

  it('a cooled account is tried by one request of both at a time, then used by both again', async () => {
    both = await startInstances({ upstreams: 2, env: withRedis() })
    const [cooled, healthy] = both.upstreams
    const stateOf = async () => (await both.api.ok<AccountView>('GET', `/api/accounts/${both.accounts[0]!.id}`)).state
    const answered = (streams: Awaited<ReturnType<typeof readStream>>[]) => streams.filter(stream => stream.complete()).length
    const ask = (count: number) => Array.from({ length: count }, (_, i) => readStream(both.ask(i % 2)))

    cooled!.script(() => status(529))
    for (let i = 0; i < 3; i++) expect((await readStream(both.ask(0))).complete()).toBe(true)
    const { until } = await poll(async () => {
      const state = await stateOf()
      return state.name === 'cooling' ? state : undefined
    }, 'the account to cool down')
    const trials = cooled!.requests.length
    await poll(() => Date.now() > (until ?? 0) || undefined, 'the end of the cooling')

    const wait = gate()
    const held: Behaviour = after(wait.opened, ok())
    cooled!.script(() => held)
    const before = healthy!.requests.length
    const streams = ask(20)
    await healthy!.until(() => healthy!.requests.length === before + 19, 'all but one at the healthy account')
    await cooled!.until(() => cooled!.requests.length > trials, 'the trial')
    expect(answered(await Promise.all(ask(4)))).toBe(4)
    expect(cooled!.requests.length).toBe(trials + 1)
    wait.open()
    expect(answered(await Promise.all(streams))).toBe(20)

    cooled!.script(() => ok())
    await poll(async () => (await stateOf()).name === 'normal' || undefined, 'the account to be normal')
    for (const instance of [0, 1]) {
      await poll(async () => {
        const seen = cooled!.requests.length
        await readStream(both.ask(instance))
        return cooled!.requests.length > seen || undefined
      }, `instance ${instance} to use it again`)
    }
  })
})
