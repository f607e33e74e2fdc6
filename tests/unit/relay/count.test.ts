import { beforeEach, describe, expect, it } from 'vitest'
import type { AccountDirectory } from '#server/accounts/directory'
import type { Tokens } from '#server/accounts/tokens'
import type { Principal } from '#server/keys/principal'
import type { PoolAccount } from '#server/platforms/platform'
import type { CallAnswer } from '#server/relay/call'
import { createCounter } from '#server/relay/count'
import type { StateEvent } from '#server/scheduler/state'
import { handClock, mapSticky, poolAccount } from '../../helpers/pool'

const principal = { key: { id: 'k' }, owner: {}, group: null } as unknown as Principal
const counted = (tokens: number): CallAnswer => ({ status: 200, rawHeaders: ['content-type', 'application/json'], body: Buffer.from(`{"input_tokens":${tokens}}`) })
const refusal = (status: number, message = '', type = 'some_error'): CallAnswer => ({ status, rawHeaders: [], body: Buffer.from(JSON.stringify({ type: 'error', error: { type, message } })) })

function setUp(accounts: PoolAccount[]) {
  const clock = handClock(1_000_000)
  const calls: string[] = []
  const events: [string, StateEvent['kind']][] = []
  const missing: string[] = []
  const sticky = mapSticky()
  let estimates = 0
  const t = {
    clock, calls, events, missing, sticky,
    estimates: () => estimates,
    answer: (_origin: string): Promise<CallAnswer> | CallAnswer => counted(5),
    ask: (body = '{}', over: { session?: string | null, rawHeaders?: string[] } = {}) =>
      counter.count({ principal, path: '/v1/messages/count_tokens', query: '?beta=true', rawHeaders: [], body: Buffer.from(body), facts: { model: 'm', modelSpan: [0, 0], stream: false, session: null }, session: null, ...over }),
  }
  const counter = createCounter({
    pool: { candidates: () => accounts } as unknown as AccountDirectory,
    states: { apply: (account: PoolAccount, event: StateEvent) => void events.push([account.id, event.kind]) } as never,
    tokens: { renewable: () => false, expired: () => false } as unknown as Tokens,
    missing: { note: (id, model) => void missing.push(`${id} ${model}`), lacks: () => false, forget: () => undefined },
    sticky,
    async call(request) {
      calls.push(request.origin)
      return t.answer(request.origin)
    },
    estimator: { async estimate() {
      estimates++
      return 42
    }, stop: async () => undefined },
    clock, random: () => 0, timeoutMs: 1_000, maxAttempts: 4,
  })
  return t
}

const account = (id: string, over: Partial<PoolAccount> = {}) => poolAccount(id, { baseUrl: `http://${id}`, ...over })
const tokensOf = ({ body }: { body: Buffer }) => (JSON.parse(body.toString()) as { input_tokens: number }).input_tokens

describe('counting tokens', () => {
  let t: ReturnType<typeof setUp>
  beforeEach(() => void (t = setUp([account('a')])))

  it('costs one upstream call per distinct body, however many ask at once', async () => {
    const bodies = Array.from({ length: 25 }, (_, i) => `{"n":${i % 5}}`)
    await Promise.all([...bodies, ...bodies].map(body => t.ask(body)))
    expect(t.calls).toHaveLength(5)
    await t.ask(bodies[0])
    expect(t.calls).toHaveLength(5)
  })

  it('asks anew after ten minutes, and for other betas', async () => {
    await t.ask()
    await t.ask('{}', { rawHeaders: ['anthropic-beta', 'x'] })
    expect(t.calls).toHaveLength(2)
    t.clock.time += 600_000
    await t.ask()
    expect(t.calls).toHaveLength(3)
  })

  it.each([404, 405, 501])('is estimated where the upstream answers %i, which is remembered for an hour', async (status) => {
    t.answer = () => refusal(status)
    const first = await t.ask()
    expect([first.estimated, tokensOf(first), first.status]).toEqual([true, 42, 200])
    await t.ask('{"other":1}')
    expect(t.calls).toHaveLength(1)
    expect(t.events).toEqual([])
    t.clock.time += 3_600_000
    t.answer = () => counted(7)
    expect(tokensOf(await t.ask('{"other":1}'))).toBe(7)
  })

  it('takes a page with status 200 for an upstream that lacks it', async () => {
    t.answer = () => ({ status: 200, rawHeaders: [], body: Buffer.from('<html>') })
    expect((await t.ask()).estimated).toBe(true)
  })

  it('gives the upstream\'s own word on a wrong request, and asks again next time', async () => {
    t.answer = () => refusal(400, 'messages: Field required', 'invalid_request_error')
    const answer = await t.ask()
    expect([answer.status, answer.estimated, answer.body.toString()]).toEqual([400, false, refusal(400, 'messages: Field required', 'invalid_request_error').body.toString()])
    await t.ask()
    expect(t.calls).toHaveLength(2)
  })

  it('goes on to the next account when one is in trouble, and blames the right one', async () => {
    t = setUp([account('a', { priority: 1 }), account('b', { priority: 2 }), account('c', { priority: 3 }), account('d', { priority: 4 })])
    const answers: Record<string, CallAnswer> = { 'http://a': refusal(401), 'http://b': refusal(429, 'slow', 'rate_limit_error'), 'http://c': refusal(404, 'not_found_error: model: m', 'not_found_error'), 'http://d': counted(9) }
    t.answer = origin => answers[origin]!
    expect(tokensOf(await t.ask())).toBe(9)
    expect(t.events).toEqual([['a', 'fault']])
    expect(t.missing).toEqual(['c m'])
  })

  it('is estimated when no upstream can be reached', async () => {
    t.answer = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    expect((await t.ask()).estimated).toBe(true)
    expect(t.events).toEqual([['a', 'transient']])
  })

  it('prefers the session\'s own account, and never moves the session', async () => {
    t = setUp([account('a', { priority: 1 }), account('b', { priority: 2 })])
    t.sticky.held.set('s', 'b')
    await t.ask('{}', { session: 's' })
    t.answer = () => refusal(404)
    await t.ask('{"n":1}', { session: 's' })
    await t.ask('{"n":2}', { session: 'new' })
    expect(t.calls.slice(0, 2)).toEqual(['http://b', 'http://b'])
    expect([...t.sticky.held]).toEqual([['s', 'b']])
  })

  it('says that a key without accounts can do nothing', async () => {
    t = setUp([])
    await expect(t.ask()).rejects.toMatchObject({ code: 'pool_empty' })
  })
})
