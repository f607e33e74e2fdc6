import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccountView, GroupView, KeyWithSecret } from '#shared/types/api'
import { send } from '../helpers/http'
import { smallBody, startRelay, type Relay } from '../helpers/relay'

let relay: Relay
let accounts: Record<'first' | 'second' | 'spare', AccountView>
let key: KeyWithSecret

beforeAll(async () => {
  relay = await startRelay()
  const group = await relay.api.ok<GroupView>('POST', '/api/groups', { name: 'choosing' })
  const add = (name: string, more: Record<string, unknown>) =>
    relay.api.addAccount({ name, baseUrl: relay.upstream.url, groupId: group.id, credentials: { apiKey: `secret-of-${name}` }, ...more })
  accounts = {
    first: await add('first', { priority: 10, weight: 100 }),
    second: await add('second', { priority: 10, weight: 100 }),
    spare: await add('spare', { priority: 20, weight: 1_000_000 }),
  }
  key = await relay.api.addKey({ groupId: group.id })
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

const patch = (name: keyof typeof accounts, change: Record<string, unknown>) => relay.api.ok('PATCH', `/api/accounts/${accounts[name].id}`, change)

async function ask(headers: Record<string, string> = {}, body: Record<string, unknown> = {}): Promise<number> {
  const answer = await send({ url: `${relay.server.relay}/v1/messages`, headers: { 'x-api-key': key.key, ...headers }, body: smallBody(body) })
  return answer.status
}

/** Names of the accounts that were asked since the last reset. */
const used = () => [...new Set(relay.upstream.requests.map((request) => {
  const told = `${request.headers['x-api-key'] ?? ''}${request.headers.authorization ?? ''}`
  return /secret-of-(\w+)/.exec(told)?.[1] ?? told
}))].sort()

const times = async (count: number, work: () => Promise<number>) => {
  const statuses = []
  for (let turn = 0; turn < count; turn++) statuses.push(await work())
  expect(new Set(statuses)).toEqual(new Set([200]))
}

describe('choosing an account', () => {
  it('spreads requests without a session over one priority, and none goes to the next', async () => {
    await times(40, () => ask())
    expect(used()).toEqual(['first', 'second'])
  })

  it('keeps a session named by header on one account', async () => {
    const session = { 'x-claude-code-session-id': randomUUID() }
    await times(20, () => ask(session))
    expect(used()).toHaveLength(1)
  })

  it.each([
    ['today\'s', (id: string) => JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: '', session_id: id })],
    ['old clients\'', (id: string) => `user_${'d'.repeat(64)}_account__session_${id}`],
  ])('keeps a session named by %s metadata on one account', async (_, userId) => {
    const id = randomUUID()
    await times(20, () => ask({}, { metadata: { user_id: userId(id) } }))
    expect(used()).toHaveLength(1)
  })

  it('keeps a session on one account from its first requests on, which start in parallel', async () => {
    for (let round = 0; round < 10; round++) {
      relay.upstream.reset()
      const session = { 'x-claude-code-session-id': randomUUID() }
      await Promise.all([ask(session), ask(session), ask(session)])
      expect(used()).toHaveLength(1)
    }
  })

  it('does not keep the device on one account', async () => {
    await times(40, () => ask({}, { metadata: { user_id: JSON.stringify({ device_id: 'same', account_uuid: '', session_id: randomUUID() }) } }))
    expect(used()).toEqual(['first', 'second'])
  })

  it('gives no new session to weight 0, and lets the old ones stay', async () => {
    const session = { 'x-claude-code-session-id': randomUUID() }
    await ask(session)
    const [home] = used() as (keyof typeof accounts)[]
    await patch(home!, { weight: 0 })
    relay.upstream.reset()
    await times(20, () => ask())
    expect(used()).not.toContain(home)
    relay.upstream.reset()
    await times(5, () => ask(session))
    expect(used()).toEqual([home])
    await patch(home!, { weight: 100 })
  })

  it('uses no disabled account, also for a session that was stuck to it', async () => {
    const session = { 'x-claude-code-session-id': randomUUID() }
    await ask(session)
    const [home] = used() as (keyof typeof accounts)[]
    await patch(home!, { enabled: false })
    relay.upstream.reset()
    await times(10, () => ask(session))
    expect(used()).toHaveLength(1)
    expect(used()).not.toContain(home)
    await patch(home!, { enabled: true })
  })

  it('goes to the next priority when the first has nobody', async () => {
    await patch('first', { enabled: false })
    await patch('second', { models: ['claude-haiku-*'] })
    await times(10, () => ask())
    expect(used()).toEqual(['spare'])
    relay.upstream.reset()
    await times(5, () => ask({}, { model: 'claude-haiku-5-5' }))
    expect(used()).toEqual(['second'])
    await patch('first', { enabled: true })
    await patch('second', { models: [] })
  })

  it('says in the row why an account was passed over', async () => {
    await patch('first', { enabled: false })
    const answer = await send({ url: `${relay.server.relay}/v1/messages`, headers: { 'x-api-key': key.key }, body: smallBody() })
    const row = await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))
    expect(row.attempts.at(-1)).toMatchObject({ accountId: row.accountId, verdict: 'deliver', status: 200 })
    await patch('first', { enabled: true })
  })
})
