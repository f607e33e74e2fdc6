import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import type { AccountView } from '#shared/types/api'
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

/** What is switched off on the first instance is off on the second; gives both times. */
async function switchedOff(): Promise<string> {
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
  expect(Math.max(forKey.ms, forAccount.ms)).toBeLessThan(IN_FORCE_MS)
  return `key after ${forKey.ms} ms, account after ${forAccount.ms} ms`
}

describeWith(['mysql'], 'two instances on MySQL alone', () => {
  it('a key and an account switched off on one are off on the other', async ({ annotate }) => {
    both = await startInstances()
    await annotate(await switchedOff())
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
    await annotate(await switchedOff())
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

  it('an instance that is killed holds its places no longer than their time', async () => {
    both = await startInstances({ env: { ...withRedis(), QUEUE_TIMEOUT_MS: '1' }, account: { maxConcurrency: CAP } })
    const [upstream] = both.upstreams
    upstream!.script(() => after(new Promise(() => {}), ok()))
    const cut = Array.from({ length: CAP }, () => readStream(both.ask(0)).catch(() => null))
    await upstream!.until(() => upstream!.requests.length === CAP, 'all places to be taken')
    expect((await send(both.ask(1))).status).toBeGreaterThanOrEqual(500)
    await both.servers[0].kill()
    await Promise.all(cut)
    const redis = new Redis(service('redis'))
    const left = await redis.pttl(`ccr:semaphore:room:${both.accounts[0]!.id}`)
    redis.disconnect()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(60_000)
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
