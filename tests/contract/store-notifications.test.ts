import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { OPEN, type NewNotification } from '#server/db/repos/notifications'
import { newId } from '#server/lib/id'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000
const message = (given: Partial<NewNotification> = {}): NewNotification => ({
  id: newId(), channelId: newId(), event: 'account_abnormal', subject: `account:${newId()}`, episode: OPEN, facts: '{"name":"帐号 😀"}', createdAt: now, ...given,
})

describe.each(testDialects)('notification repos on %s', (dialect) => {
  let test: TestStore
  let repos: Repos

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test?.drop())

  const rowOf = async (id: string) => (await repos.notifications.due(Number.MAX_SAFE_INTEGER, 1000)).find(row => row.id === id)
  const openRow = async (id: string) => (await repos.notifications.open()).find(row => row.id === id)

  describe('the outbox', () => {
    it('takes a message once, whoever offers it', async () => {
      const first = message()
      const answers = await Promise.all(Array.from({ length: 5 }, () => repos.notifications.add({ ...first, id: newId() })))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await repos.notifications.add(message({ ...first, id: newId(), channelId: newId() }))).toBe(true)
      expect(await repos.notifications.add(message({ ...first, id: newId(), event: 'account_normal' }))).toBe(true)
      expect(await repos.notifications.add(message({ ...first, id: newId(), episode: '2026-01-05' }))).toBe(true)
    })

    it('lets one claim a message, and others only when its time is over', async () => {
      const given = message()
      await repos.notifications.add(given)
      const row = (await rowOf(given.id))!
      const claims = await Promise.all(Array.from({ length: 5 }, () => repos.notifications.claim(row, now + 1000)))
      expect(claims.filter(Boolean)).toHaveLength(1)
      expect((await repos.notifications.due(now + 999, 1000)).map(({ id }) => id)).not.toContain(given.id)
      const left = (await repos.notifications.due(now + 1000, 1000)).find(({ id }) => id === given.id)!
      expect(left).toMatchObject({ status: 'sending', attempts: 1 })
      expect(await repos.notifications.claim(left, now + 2000)).toBe(true)
    })

    it('gives what ended no more', async () => {
      for (const status of ['sent', 'failed', 'dropped'] as const) {
        const given = message()
        await repos.notifications.add(given)
        await repos.notifications.settle(given.id, { status, endedAt: now })
        expect(await rowOf(given.id)).toBeUndefined()
      }
    })
  })

  describe('an episode', () => {
    it('is ended by one, drops what was not sent, and makes room for the next', async () => {
      const given = message()
      await repos.notifications.add(given)
      const row = (await openRow(given.id))!
      const answers = await Promise.all(Array.from({ length: 4 }, () => repos.notifications.close(row, now + 5)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await rowOf(given.id)).toBeUndefined()
      expect(await repos.notifications.add({ ...given, id: newId() })).toBe(true)
    })

    it('is not ended under a message that is being sent', async () => {
      const given = message()
      await repos.notifications.add(given)
      const row = (await openRow(given.id))!
      await repos.notifications.claim(row, now + 1000)
      expect(await repos.notifications.close(row, now)).toBe(false)
      expect(await repos.notifications.close((await openRow(given.id))!, now)).toBe(false)
      await repos.notifications.settle(given.id, { status: 'sent', endedAt: now })
      expect(await repos.notifications.close((await openRow(given.id))!, now)).toBe(true)
    })
  })

  it('a channel that was repaired gets at once what waits for it, and what was given up and still holds', async () => {
    const channelId = newId()
    const [late, lost, over] = [message({ channelId }), message({ channelId }), message({ channelId, episode: '2026-01-05' })]
    for (const each of [late, lost, over]) await repos.notifications.add(each)
    await repos.notifications.settle(late.id, { status: 'waiting', dueAt: now + 9_000_000 })
    for (const each of [lost, over]) await repos.notifications.settle(each.id, { status: 'failed', endedAt: now })
    await repos.notifications.retryNow(channelId, now)
    const due = (await repos.notifications.due(now, 1000)).filter(row => row.channelId === channelId)
    expect(due.map(({ id }) => id).sort()).toEqual([late.id, lost.id].sort())
  })

  it('old messages go, except those whose condition holds', async () => {
    const [old, holds, fresh] = [message({ episode: 'x', createdAt: now - 1000 }), message({ createdAt: now - 1000 }), message({ episode: 'x' })]
    for (const each of [old, holds, fresh]) {
      await repos.notifications.add(each)
      await repos.notifications.settle(each.id, { status: 'sent', endedAt: now })
    }
    expect(await repos.notifications.prune(now)).toBe(1)
    expect(await openRow(holds.id)).toBeDefined()
  })

  it('channels come with their owner, and none of those who may not get messages', async () => {
    const people = { ann: newId(), off: newId(), gone: newId() }
    for (const [username, id] of Object.entries(people)) {
      await repos.users.insert({ id, username, usernameKey: username, passwordHash: '', role: 'user', locale: 'zh-CN', createdAt: now, updatedAt: now })
    }
    await repos.users.update(people.off, { enabled: false })
    await repos.users.update(people.gone, { deletedAt: now })
    const channel = (ownerId: string, given: object = {}) => ({ id: newId(), ownerId, kind: 'webhook', name: 'n', config: 'sealed', events: '[]', createdAt: now, updatedAt: now, ...given })
    const kept = channel(people.ann)
    for (const each of [kept, channel(people.ann, { enabled: false }), channel(people.off), channel(people.gone)]) await repos.notificationChannels.insert(each)
    expect(await repos.notificationChannels.active()).toMatchObject([{ id: kept.id, owner: { id: people.ann, role: 'user', locale: 'zh-CN' } }])
    await repos.notificationChannels.remove(kept.id, now + 1)
    expect(await repos.notificationChannels.active()).toEqual([])
    expect(await repos.notificationChannels.get(kept.id)).toBeNull()
    const { notificationChannels } = test.store.tables
    expect((await test.store.db.select().from(notificationChannels)).find(({ id }) => id === kept.id)).toMatchObject({ config: '', shown: null })
  })

  it('keys with limits that were used lately are told from all others', async () => {
    const key = (given: object) => ({ id: newId(), ownerId: newId(), name: 'k', hash: newId(), prefix: 'sk-', lastFour: '0000', models: '[]', ipAllow: '[]', clients: '[]', limits: '{"dailyNano":5}', createdAt: now, updatedAt: now, ...given })
    const used = key({ lastUsedAt: now })
    for (const each of [used, key({ lastUsedAt: now - 1 }), key({}), key({ lastUsedAt: now, limits: '{}' }), key({ lastUsedAt: now, deletedAt: now })]) await repos.apiKeys.insert(each)
    expect((await repos.apiKeys.limitedUsedSince(now)).map(({ id }) => id)).toEqual([used.id])
  })

  it('the last run of a task that ended is told from one that still runs', async () => {
    const run = { task: 'a', instanceId: newId() }
    await repos.taskRuns.start({ ...run, id: newId() })
    expect(await repos.taskRuns.lastEnded('a')).toBeNull()
    const ended = newId()
    await repos.taskRuns.start({ ...run, id: ended })
    await repos.taskRuns.end(ended, { outcome: 'failed', result: 'why' })
    expect(await repos.taskRuns.lastEnded('a')).toMatchObject({ id: ended, outcome: 'failed' })
  })
})
