import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountView } from '#shared/types/api'
import { startBooted, type Booted } from '../helpers/booted'
import { startUpstream, type Upstream } from '../helpers/upstream'

/** `localhost` is a name: only its resolved address, at the connection, tells that it is private. */
describe('a user\'s account whose address leads into the operator\'s network', () => {
  let upstream: Upstream
  let booted: Booted
  let account: AccountView

  const own = async (role: 'admin' | 'user') => {
    const { repos, changes } = booted.runtime
    await repos.users.update('ann', { role })
    await changes.emit('user', 'ann')
  }
  const state = async () => (await booted.runtime.services.accounts.get(booted.admin, account.id)).state

  beforeAll(async () => {
    upstream = await startUpstream()
    booted = await startBooted()
    const { repos, changes, clock } = booted.runtime
    await repos.users.insert({ id: 'ann', username: 'ann', usernameKey: 'ann', passwordHash: '', role: 'user', createdAt: clock.now(), updatedAt: clock.now() })
    account = await booted.addAccount({ baseUrl: upstream.url.replace('127.0.0.1', 'localhost') })
    await repos.accounts.update(account.id, { ownerId: 'ann' })
    await changes.emit('account', account.id)
  })
  afterAll(async () => {
    await booted?.stop()
    await upstream?.close()
  })

  it('gets no request, is abnormal at once, and says what to do; nobody else learns of it', async () => {
    const key = await booted.addKey()
    const answer = await booted.ask(key)
    expect(answer.status).toBe(529)
    expect(answer.text).not.toMatch(/localhost|private/)
    expect(upstream.requests).toEqual([])
    expect(await state()).toMatchObject({ name: 'abnormal', reason: 'private_address', evidence: expect.stringContaining('has to belong to an admin') as string })
  })

  it('fails its test and its probes', async () => {
    expect(await booted.runtime.probe(account.id)).toMatchObject({ ok: false, status: null, message: expect.stringContaining('localhost is a private address') as string })
    expect(await booted.runtime.probe(account.id, { cheap: true })).toMatchObject({ ok: false })
    expect(upstream.requests).toEqual([])
  })

  it('is not asked to count tokens either', async () => {
    await booted.runtime.services.accounts.resetState(booted.admin, account.id)
    await booted.ask(await booted.addKey(), {}, '/count_tokens')
    expect(upstream.requests).toEqual([])
    expect(await state()).toMatchObject({ name: 'abnormal', reason: 'private_address' })
  })

  it('works once its owner is an admin, and no longer when that ends, in spite of open connections', async () => {
    await own('admin')
    expect(await booted.runtime.probe(account.id)).toMatchObject({ ok: true })
    await booted.runtime.services.accounts.resetState(booted.admin, account.id)
    const key = await booted.addKey()
    expect((await booted.ask(key)).status).toBe(200)
    const { length } = upstream.requests
    await own('user')
    expect((await booted.ask(key)).status).toBe(529)
    expect(upstream.requests).toHaveLength(length)
  })
})
