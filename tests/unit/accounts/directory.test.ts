import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { createAccountDirectory, type AccountDirectory } from '#server/accounts/directory'
import { createAccountStates, type AccountStates } from '#server/accounts/states'
import { createLogger } from '#server/lib/logger'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
let admin: Actor
let states: AccountStates
let pool: AccountDirectory

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  const { repos, clock, changes, sealer } = domain
  const logger = createLogger({ level: 'silent' })
  states = createAccountStates({ repos, clock, logger, announce: id => changes.announce('account', id) })
  pool = createAccountDirectory({ repos, changes, sealer, logger, states, pending: { of: () => undefined }, baseUrls: {} })
  await pool.load()
})
afterAll(() => domain.close())

async function add() {
  const body = { name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'upstream-secret-ab12' } }
  const { id } = await domain.services.accounts.create(admin, accountCreateSchema.parse(body))
  return pool.get(id)!
}

describe('accounts in memory', () => {
  it('stay the same objects over edits and reloads, so that requests under way follow the changes', async () => {
    const account = await add()
    await domain.services.accounts.update(admin, account.id, { name: 'renamed', weight: 7 })
    await pool.load()
    expect(pool.get(account.id)).toBe(account)
    expect(account).toMatchObject({ name: 'renamed', weight: 7, credentials: { apiKey: 'upstream-secret-ab12' } })
  })

  it('keep their state over a reload, before and after it is written, also in a directory that starts anew', async () => {
    const account = await add()
    states.apply(account, { kind: 'limited', reason: 'rate_limited', evidence: '429', until: domain.time.now + 60_000, family: null })
    const { state } = account
    await domain.changes.receive('account', account.id)
    expect(account.state).toEqual(state)
    await states.flush()
    await pool.load()
    expect(account.state).toEqual(state)
    const again = createAccountDirectory({ ...domain, logger: createLogger({ level: 'silent' }), states, pending: { of: () => undefined }, baseUrls: {} })
    await again.load()
    expect(again.get(account.id)?.state).toEqual(state)
  })

  it('keep the breaker\'s count when something else about them changes', async () => {
    const account = await add()
    for (let i = 0; i < 2; i++) states.apply(account, { kind: 'transient', reason: 'overloaded', evidence: null })
    await domain.services.accounts.update(admin, account.id, { weight: 3 })
    expect(account.state).toMatchObject({ name: 'normal', failures: 2 })
    states.apply(account, { kind: 'transient', reason: 'overloaded', evidence: null })
    expect(account.state.name).toBe('cooling')
  })

  it('take over the count of a row that another instance cleared or raised', async () => {
    const account = await add()
    const set = (stateFailures: number) => domain.repos.accounts.update(account.id, { stateFailures })
    states.apply(account, { kind: 'transient', reason: 'overloaded', evidence: null })
    await set(5)
    await domain.changes.receive('account', account.id)
    expect(account.state.failures).toBe(5)
    await domain.repos.accounts.clearFailures(account.id, account.state.since)
    await domain.changes.receive('account', account.id)
    expect(account.state.failures).toBe(0)
  })

  it('start anew with a count that a success has cleared', async () => {
    const account = await add()
    await domain.repos.accounts.update(account.id, { stateFailures: 5 })
    await domain.changes.receive('account', account.id)
    states.apply(account, { kind: 'success' })
    await states.flush()
    const { repos, clock, changes } = domain
    const logger = createLogger({ level: 'silent' })
    const again = createAccountDirectory({ ...domain, logger, states: createAccountStates({ repos, clock, logger, announce: id => changes.announce('account', id) }), pending: { of: () => undefined }, baseUrls: {} })
    await again.load()
    expect(again.get(account.id)?.state).toMatchObject({ name: 'normal', failures: 0 })
  })

  it('that were deleted or added while changes were missed are gone or there after a new reading', async () => {
    const [kept, deleted] = [await add(), await add()]
    await domain.repos.accounts.remove(deleted.id, 1)
    await domain.repos.accounts.update(kept.id, { name: 'other' })
    await domain.changes.gap()
    expect([pool.get(deleted.id), pool.get(kept.id)?.name]).toEqual([undefined, 'other'])
  })

  it('are normal again at once after a reset by hand, which also clears the count', async () => {
    const account = await add()
    states.apply(account, { kind: 'fault', reason: 'unauthorized', evidence: '401', until: null })
    await states.flush()
    domain.time.now += 1
    await domain.services.accounts.resetState(admin, account.id)
    expect(account.state).toMatchObject({ name: 'normal', failures: 0, since: domain.time.now })
    const history = await domain.repos.accountEvents.list(account.id, 10)
    expect(history.map(({ fromState, toState, reason, byUserId }) => [fromState, toState, reason, byUserId])).toEqual([['abnormal', 'normal', 'by_hand', admin.id], ['normal', 'abnormal', 'unauthorized', null]])
  })

  it('leave the pool when they are deleted', async () => {
    const { id } = await add()
    await domain.services.accounts.remove(admin, id)
    expect(pool.get(id)).toBeUndefined()
    expect(pool.all().map(account => account.id)).not.toContain(id)
  })
})

describe('whether an account may reach private addresses', () => {
  const body = { name: 'a', platform: 'claude', credentials: { accessToken: 'sk-ant-oat01-x' } }
  const owned = async (ownerId: string, over: object) => {
    const { id } = await domain.services.accounts.create(admin, accountCreateSchema.parse({ ...body, ...over }))
    await domain.repos.accounts.update(id, { ownerId })
    await domain.changes.emit('account', id)
    return pool.get(id)!
  }

  it('is its owner\'s right, and follows the owner\'s role in the same object', async () => {
    const ann = await domain.addUser({ username: 'ann' })
    const account = await owned(ann.id, { baseUrl: 'https://api.example.com' })
    expect(account.publicOnly).toBe(true)
    for (const [role, publicOnly] of [['admin', false], ['user', true]] as const) {
      await domain.repos.users.update(ann.id, { role })
      await domain.changes.emit('user', ann.id)
      expect(account.publicOnly).toBe(publicOnly)
      await pool.load()
      expect(pool.get(account.id)).toBe(account)
      expect(account.publicOnly).toBe(publicOnly)
    }
  })

  it('is nobody\'s when the owner is gone', async () => {
    expect((await owned('nobody', { baseUrl: 'https://api.example.com' })).publicOnly).toBe(true)
  })

  it('is no question where a user entered no address: the operator set it', async () => {
    const ben = await domain.addUser({ username: 'ben' })
    expect((await owned(ben.id, {})).publicOnly).toBe(false)
    expect((await owned(ben.id, { proxyUrl: 'http://proxy.example.com' })).publicOnly).toBe(true)
  })
})
