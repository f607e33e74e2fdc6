import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHook, type Hook } from '../helpers/hook'
import { openWatch, type Watch } from '../helpers/notifications'
import { testDialects } from '../helpers/store'

const MINUTE = 60_000
const abnormal = { stateName: 'abnormal' as const, stateReason: 'unauthorized', stateEvidence: '401 sk-abcdefgh1234 refused' }
const events = ['limit_near', 'limit_reached', 'account_abnormal', 'pool_unusable', 'task_failed']

// Everything here is done by two instances at once.
describe.each(testDialects)('deliveries of two instances on %s', (dialect) => {
  let watch: Watch
  let hook: Hook
  let admin: string

  beforeEach(async () => {
    watch = await openWatch(dialect)
    hook = await startHook()
    admin = await watch.user('chief', { role: 'admin' })
  })
  afterEach(async () => {
    await hook.close()
    await watch.close()
  })

  const pass = async (ms: number) => {
    watch.time.now += ms
    await watch.look()
  }

  describe('a channel', () => {
    it('that never works is tried less and less, and given up', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.account(admin, null, abnormal)
      hook.answers({ status: 500 })
      await watch.look()
      for (let i = 0; i < 40; i++) await pass(30 * MINUTE)
      expect(hook.calls).toHaveLength(12)
      const { notifications } = watch.store.tables
      expect(await watch.store.db.select().from(notifications)).toMatchObject([{ status: 'failed', attempts: 12 }])
    })

    it('is not asked again before it wants to be', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.account(admin, null, abnormal)
      hook.answers({ status: 429, headers: { 'retry-after': '600' } })
      await watch.look()
      for (let i = 0; i < 9; i++) await pass(MINUTE)
      expect(hook.calls).toHaveLength(1)
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(2)
    })

    it('that fails keeps no other one waiting, and is tried with one message at a time', async () => {
      const good = await startHook()
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.channel(admin, good.url, ['account_abnormal'])
      for (let i = 0; i < 5; i++) await watch.account(admin, null, abnormal)
      hook.answers({ status: 500 })
      await watch.instances[0]!.run()
      expect(hook.calls).toHaveLength(1)
      expect(good.calls).toHaveLength(5)
      await good.close()
    })

    it('gets no more than it can take in a minute; the rest comes later', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      for (let i = 0; i < 20; i++) await watch.account(admin, null, abnormal)
      await watch.look()
      expect(hook.calls).toHaveLength(15)
      await pass(MINUTE + 1)
      expect(hook.calls).toHaveLength(20)
    })

    it('of one who was disabled or is no admin any more gets nothing', async () => {
      await watch.channel(admin, hook.url, events)
      const second = await watch.user('second-chief', { role: 'admin' })
      await watch.channel(second, hook.url, events)
      await watch.repos.users.update(admin, { enabled: false })
      await watch.repos.users.update(second, { role: 'user' })
      await watch.account(admin, null, abnormal)
      await watch.look()
      expect(hook.calls).toEqual([])
    })

    it('is taken over when an instance died while it was sending', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.account(admin, null, abnormal)
      hook.answers({ status: 500 })
      await watch.look()
      const { notifications } = watch.store.tables
      const [row] = await watch.store.db.select().from(notifications)
      await watch.repos.notifications.claim(row!, watch.time.now + 2 * MINUTE)
      hook.answers({})
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(1)
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(2)
    })
  })
})
