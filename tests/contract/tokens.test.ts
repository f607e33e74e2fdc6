import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recoverAccounts } from '#server/accounts/recover'
import { refreshTokens } from '#server/accounts/refresh'
import { openCredentials, sealCredentials } from '#server/accounts/secrets'
import { stateColumns } from '#server/accounts/state-columns'
import { createRepos, type Repos } from '#server/db/repos/index'
import { createMemoryKv } from '#server/kv/memory'
import type { Kv } from '#server/kv/kv'
import { newId } from '#server/lib/id'
import { normalState } from '#server/scheduler/state'
import { startOAuth, type OAuthServer } from '../helpers/oauth'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'
import { openTokenInstance, tokenSealer, type TokenInstance, type TokenInstanceOptions } from '../helpers/token-instance'
import { gate } from '../helpers/upstream/paced'

// A renewal makes the old refresh token worthless: done twice or lost, the account is dead until a person signs in.
describe.each(testDialects)('tokens of official accounts on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  let kv: Kv
  let oauth: OAuthServer
  let folder: string
  let opened: TokenInstance[]
  const clock = { time: 0, now: () => clock.time }

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test?.drop())
  beforeEach(async () => {
    clock.time = Date.UTC(2026, 0, 5)
    oauth = await startOAuth()
    kv = createMemoryKv({ clock })
    folder = await mkdtemp(join(tmpdir(), 'relay-tokens-'))
    opened = []
    await test.store.db.delete(test.store.tables.leases)
    await test.store.db.delete(test.store.tables.accounts)
  })
  afterEach(async () => {
    await Promise.all(opened.map(one => one.close()))
    await oauth.close()
    await rm(folder, { recursive: true })
  })

  async function instance(name: string, over: Partial<TokenInstanceOptions> = {}) {
    const one = await openTokenInstance({ repos, kv, clock, dir: join(folder, name), authUrl: oauth.url, ...over })
    opened.push(one)
    return one
  }

  async function addAccount(credentials: Record<string, unknown> = oauth.issue(), expiresInMs: number | null = 3_600_000): Promise<string> {
    const id = newId()
    await repos.accounts.insert({
      id, ownerId: 'o', name: 'a', platform: 'claude', credentials: sealCredentials(tokenSealer, id, credentials), options: '{}', models: '[]', modelMap: '{}', windows: '{}',
      ...stateColumns(normalState(clock.time)), tokenExpiresAt: expiresInMs === null ? null : clock.time + expiresInMs, createdAt: clock.time, updatedAt: clock.time,
    })
    return id
  }

  const stored = async (id: string) => {
    const row = (await repos.accounts.get(id))!
    return { row, credentials: openCredentials(tokenSealer, row) }
  }
  const files = (name: string) => readdir(join(folder, name))
  /** As if the process had ended here. */
  const never = () => new Promise<never>(() => undefined)

  it('are renewed once by 50 requests on two instances', async () => {
    const id = await addAccount()
    const [a, b] = [await instance('a'), await instance('b')]
    const renewals = Array.from({ length: 50 }, (_, i) => (i % 2 ? a : b)).map(({ tokens, pool }) => tokens.renew(pool.get(id)!, 0))
    expect(new Set((await Promise.all(renewals)).map(({ kind }) => kind))).toEqual(new Set(['renewed']))
    expect(oauth.requests).toHaveLength(1)
    const { row, credentials } = await stored(id)
    expect(row).toMatchObject({ tokenGeneration: 1, tokenExpiresAt: clock.time + 28_800_000 })
    for (const { pool } of [a, b]) expect(pool.get(id)).toMatchObject({ credentials, tokenGeneration: 1 })
    expect(oauth.accepts(String(credentials.accessToken))).toBe(true)
    expect(await repos.leases.acquire(`token:${id}`, 'anyone', 1)).toBe(true)
  })

  it('are not renewed again for a request that went out with the old one', async () => {
    const id = await addAccount()
    const { tokens, pool } = await instance('a')
    await tokens.renew(pool.get(id)!, 0)
    expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
    expect(oauth.requests).toHaveLength(1)
  })

  it('that an instance without the news still uses are taken from the database', async () => {
    const id = await addAccount()
    const [a, b] = [await instance('a'), await instance('b')]
    await a.tokens.renew(a.pool.get(id)!, 0)
    expect(b.pool.get(id)!.tokenGeneration).toBe(0)
    expect(await b.tokens.renew(b.pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
    expect(b.pool.get(id)!.credentials).toEqual(a.pool.get(id)!.credentials)
    expect(oauth.requests).toHaveLength(1)
  })

  it('that cannot be renewed make the account say so, once and for all', async () => {
    const id = await addAccount({ accessToken: 'x', refreshToken: 'unknown-refresh-token' })
    const { tokens, pool, states } = await instance('a')
    expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'refused' })
    expect(pool.get(id)!.state).toMatchObject({ name: 'abnormal', reason: 'sign_in_again', evidence: '400 invalid_grant: Refresh token not found or invalid', nextProbe: null })
    clock.time += 86_400_000
    expect(await refreshTokens({ pool, tokens, clock })).toBe('0 renewed, 0 refused, 0 failed')
    const probe = () => Promise.reject(new Error('nobody probes an account that only a person can mend'))
    expect(await recoverAccounts({ pool, states, probe, clock, signal: new AbortController().signal })).toBe('0 released, 0 probed, 0 recovered')
    expect(oauth.requests).toHaveLength(1)
  })

  it('survive a hiccup of the sign-in server', async () => {
    const id = await addAccount()
    const { tokens, pool } = await instance('a')
    oauth.before = () => ({ status: 503, body: 'busy' })
    expect(await tokens.renew(pool.get(id)!, 0)).toMatchObject({ kind: 'failed' })
    expect(pool.get(id)!.state.name).toBe('normal')
    oauth.before = null
    expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
  })

  it('are renewed ahead of their end, whatever the clock does', async () => {
    const [due, later, unknown] = [await addAccount(oauth.issue(), 600_000), await addAccount(oauth.issue(), 600_001), await addAccount(oauth.issue(), null)]
    const { tokens, pool } = await instance('a')
    expect(await refreshTokens({ pool, tokens, clock })).toBe('1 renewed, 0 refused, 0 failed')
    expect([due, later, unknown].map(id => pool.get(id)!.tokenGeneration)).toEqual([1, 0, 0])
    // A clock far ahead takes them for over, one far behind for fresh: each new end is reckoned from the same clock.
    for (const jump of [10 * 86_400_000, -20 * 86_400_000]) {
      clock.time += jump
      await refreshTokens({ pool, tokens, clock })
    }
    expect(pool.get(due)!.tokenExpiresAt! - clock.time).toBeGreaterThan(600_000)
    expect(pool.get(due)!.tokenGeneration).toBeLessThanOrEqual(3)
    expect(tokens.expired(pool.get(due)!)).toBe(false)
  })

  it('entered by hand meanwhile win over renewed ones', async () => {
    const id = await addAccount()
    const { tokens, pool } = await instance('a')
    oauth.before = async () => {
      await repos.accounts.update(id, { credentials: sealCredentials(tokenSealer, id, { accessToken: 'by hand' }), tokenGeneration: 1 })
      return undefined
    }
    expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
    expect(pool.get(id)!.credentials).toEqual({ accessToken: 'by hand' })
    expect(await files('a')).toEqual([])
  })

  /** Of a process that died: in the kv by the clock, in the database by its own. */
  async function locksRunOut() {
    clock.time += 120_000
    await test.store.db.delete(test.store.tables.leases)
  }

  describe('whose process ends hard', () => {
    async function comesBack(id: string) {
      // The lock of a process that died runs out.
      await locksRunOut()
      const next = await instance('a')
      const inMemory = next.pool.get(id)!.credentials
      await next.tokens.storePending()
      const { row, credentials } = await stored(id)
      expect(credentials).toEqual(inMemory)
      expect(row.tokenGeneration).toBe(1)
      expect(oauth.accepts(String(credentials.accessToken))).toBe(true)
      expect(await files('a')).toEqual([])
      expect(await next.tokens.renew(next.pool.get(id)!, 1)).toEqual({ kind: 'renewed' })
    }
    /** Runs a renewal up to where `reached` opens. */
    async function until(reached: Promise<void>, id: string, over: Partial<TokenInstanceOptions>) {
      const dying = await openTokenInstance({ repos, kv, clock, dir: join(folder, 'a'), authUrl: oauth.url, ...over })
      void dying.tokens.renew(dying.pool.get(id)!, 0)
      await reached
    }
    const writesHang = (reached: () => void, before?: Repos['accounts']['renewCredentials']): Repos => ({
      ...repos,
      accounts: {
        ...repos.accounts,
        async renewCredentials(...given) {
          await before?.(...given)
          reached()
          return never()
        },
      },
    })

    it('before the database has them come back from the disk, readable by nobody else', async () => {
      const id = await addAccount()
      const reached = gate()
      await until(reached.opened, id, { repos: writesHang(reached.open) })
      const [file = ''] = await files('a')
      expect((await stat(join(folder, 'a', file))).mode & 0o777).toBe(0o600)
      expect(await readFile(join(folder, 'a', file), 'utf8')).not.toContain('sk-ant')
      await comesBack(id)
    })

    it('after the database has them stay', async () => {
      const id = await addAccount()
      const reached = gate()
      await until(reached.opened, id, { repos: writesHang(reached.open, repos.accounts.renewCredentials) })
      await comesBack(id)
    })

    it('before the file is gone stay', async () => {
      const id = await addAccount()
      const reached = gate()
      await until(reached.opened, id, { around: pending => ({ ...pending, drop: () => reached.open() }) })
      await comesBack(id)
    })

    it('before the answer was read make the account say "sign in again"', async () => {
      const id = await addAccount()
      const reached = gate()
      await until(reached.opened, id, { call: async (request) => {
        await fetch(request.origin + request.path, { method: 'POST', body: new Uint8Array(request.body!) })
        reached.open()
        return never()
      } })
      await locksRunOut()
      const { tokens, pool } = await instance('a')
      expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'refused' })
      expect(pool.get(id)!.state.reason).toBe('sign_in_again')
    })

    it('revive an account that another instance gave up meanwhile', async () => {
      const id = await addAccount()
      const reached = gate()
      await until(reached.opened, id, { repos: writesHang(reached.open) })
      await locksRunOut()
      const other = await instance('b')
      expect(await other.tokens.renew(other.pool.get(id)!, 0)).toEqual({ kind: 'refused' })
      await other.states.flush()
      const next = await instance('a')
      await next.tokens.storePending()
      expect(next.pool.get(id)!.state.name).toBe('normal')
      await next.states.flush()
      expect((await stored(id)).row.stateName).toBe('normal')
    })
  })

  describe('while the database is away', () => {
    it('are used by this instance only, and stored when it is back', async () => {
      const id = await addAccount()
      let away = false
      const reject = async () => {
        if (away) throw new Error('the database is away')
      }
      const flaky: Repos = {
        ...repos,
        accounts: { ...repos.accounts, renewCredentials: async (...given) => {
          await reject()
          return repos.accounts.renewCredentials(...given)
        } },
      }
      const [a, b] = [await instance('a', { repos: flaky }), await instance('b')]
      away = true
      expect(await a.tokens.renew(a.pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
      expect(oauth.accepts(String(a.pool.get(id)!.credentials.accessToken))).toBe(true)
      expect(await files('a')).toHaveLength(1)
      await a.changes.receive('account', id)
      expect(a.pool.get(id)!.tokenGeneration).toBe(1)
      // The other instance meets a locked account, and does not spend the refresh token a second time.
      const waiting = b.tokens.renew(b.pool.get(id)!, 0)
      // Again here: the old pair's base stays the one that the database has.
      expect(await a.tokens.renew(a.pool.get(id)!, 1)).toEqual({ kind: 'renewed' })
      away = false
      await a.tokens.storePending()
      expect(await waiting).toEqual({ kind: 'renewed' })
      expect((await stored(id)).row.tokenGeneration).toBe(2)
      expect(b.pool.get(id)!.credentials).toEqual(a.pool.get(id)!.credentials)
      expect(await files('a')).toEqual([])
      expect(oauth.requests).toHaveLength(2)
    })

    it('are renewed at once, whatever lock a killed process left, by one that has the database for itself', async () => {
      const id = await addAccount()
      expect(await repos.leases.acquire(`token:${id}`, 'the process before', 90_000)).toBe(true)
      await kv.acquire(`token:${id}`, 1, 90_000)
      const { tokens, pool } = await instance('a', { alone: true })
      expect(await tokens.renew(pool.get(id)!, 0)).toEqual({ kind: 'renewed' })
    })

    it('are not renewed when neither database nor kv can tell what others do', async () => {
      const id = await addAccount()
      const gone: Repos = { ...repos, leases: { ...repos.leases, acquire: () => Promise.reject(new Error('away')) } }
      const { tokens, pool } = await instance('a', { repos: gone })
      expect(await tokens.renew(pool.get(id)!, 0)).toMatchObject({ kind: 'failed' })
      expect(oauth.requests).toEqual([])
    })
  })
})
