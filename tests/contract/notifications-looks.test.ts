import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHook, type Hook } from '../helpers/hook'
import { openWatch, type Watch } from '../helpers/notifications'
import { testDialects } from '../helpers/store'

const MINUTE = 60_000
const USD = 1_000_000_000
const abnormal = { stateName: 'abnormal' as const, stateReason: 'unauthorized', stateEvidence: '401 sk-abcdefgh1234 refused' }

// Everything here is done by two instances at once.
describe.each(testDialects)('pools and limits watched by two instances on %s', (dialect) => {
  let watch: Watch
  let hook: Hook
  let admin: string
  let ann: string

  beforeEach(async () => {
    watch = await openWatch(dialect)
    hook = await startHook()
    admin = await watch.user('chief', { role: 'admin' })
    ann = await watch.user('ann', { locale: 'zh-CN' })
  })
  afterEach(async () => {
    await hook.close()
    await watch.close()
  })

  const told = () => hook.calls.map(({ json }) => json.event)
  const pass = async (ms: number) => {
    watch.time.now += ms
    await watch.look()
  }
  const set = (id: string, state: object) => watch.repos.accounts.update(id, { ...state, stateSince: watch.time.now })

  describe('a pool', () => {
    const limited = (ms: number) => ({ stateName: 'limited' as const, stateReason: 'rate_limited', stateUntil: watch.time.now + ms })

    it('without a usable account is told once, with when it comes back, and when it does', async () => {
      await watch.channel(admin, hook.url, ['pool_unusable'])
      const [one, two] = [await watch.account(admin, null), await watch.account(admin, null)]
      await set(one, limited(60 * MINUTE))
      await pass(MINUTE)
      expect(told()).toEqual([])
      await set(two, limited(30 * MINUTE))
      for (let i = 0; i < 3; i++) await pass(MINUTE)
      expect(told()).toEqual(['pool_unusable'])
      expect(hook.calls[0]!.json.details).toMatchObject({ group: null, accounts: 2, backAt: watch.time.now - 3 * MINUTE + 30 * MINUTE })
      await pass(26 * MINUTE + 30_000)
      expect(told()).toEqual(['pool_unusable'])
      await pass(MINUTE)
      expect(told()).toEqual(['pool_unusable', 'pool_usable'])
    })

    it('whose account is back within a minute is no news', async () => {
      await watch.channel(admin, hook.url, ['pool_unusable'])
      const id = await watch.account(admin, null)
      await set(id, limited(MINUTE))
      await watch.look()
      await set(id, { stateName: 'cooling', stateReason: 'overloaded', stateUntil: watch.time.now + 40_000 })
      await pass(1000)
      expect(told()).toEqual([])
    })

    it('that a person emptied or disabled is no news, and none that is usable again', async () => {
      await watch.channel(admin, hook.url, ['pool_unusable'])
      const id = await watch.account(admin, null, abnormal)
      await watch.look()
      await watch.repos.accounts.update(id, { enabled: false })
      await pass(MINUTE)
      expect(told()).toEqual(['pool_unusable'])
    })

    it('of a group is told to its owner by its name, in the owner\'s language', async () => {
      await watch.repos.users.update(ann, { role: 'admin' })
      await watch.channel(ann, hook.url, ['pool_unusable'])
      const group = await watch.group(ann, '研发')
      await watch.account(ann, group, abnormal)
      await watch.look()
      expect(hook.calls.map(({ json }) => json.title)).toEqual(['分组“研发”没有可用账号'])
      await watch.repos.groups.update(group, { enabled: false })
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(1)
    })
  })

  describe('a limit', () => {
    const details = () => hook.calls.map(({ json }) => json.details as { limit: string, usedNano: number })

    it('is told at 80 % and at 100 %, once each in its period, and anew in the next', async () => {
      await watch.channel(admin, hook.url, ['limit_near', 'limit_reached'])
      const key = await watch.key(admin, { dailyNano: 10 * USD })
      await watch.spend(key, '2026-01-05', 8 * USD - 1)
      await pass(MINUTE)
      expect(told()).toEqual([])
      await watch.spend(key, '2026-01-05', 8 * USD)
      for (let i = 0; i < 3; i++) await pass(MINUTE)
      expect(told()).toEqual(['limit_near'])
      await watch.spend(key, '2026-01-05', 10 * USD)
      for (let i = 0; i < 3; i++) await pass(MINUTE)
      expect(told()).toEqual(['limit_near', 'limit_reached'])
      await pass(24 * 60 * MINUTE)
      await watch.spend(key, '2026-01-06', 9 * USD)
      await pass(MINUTE)
      expect(told()).toEqual(['limit_near', 'limit_reached', 'limit_near'])
    })

    it('of a week and a month counts their days, a total all of them', async () => {
      await watch.channel(admin, hook.url, ['limit_reached'])
      watch.time.now = Date.UTC(2026, 0, 7, 4)
      const key = await watch.key(admin, { weeklyNano: 5 * USD, monthlyNano: 9 * USD, totalNano: 12 * USD, dailyNano: 2 * USD })
      const spent = { '2025-12-31': 3 * USD, '2026-01-04': 4 * USD, '2026-01-05': 4 * USD, '2026-01-07': USD }
      for (const [day, nano] of Object.entries(spent)) await watch.spend(key, day, nano)
      await watch.look()
      expect(details().map(({ limit, usedNano }) => [limit, usedNano / USD]).sort()).toEqual([['monthly', 9], ['total', 12], ['weekly', 5]])
    })

    it('that was raised is another one', async () => {
      await watch.channel(admin, hook.url, ['limit_reached'])
      const key = await watch.key(admin, { totalNano: USD })
      await watch.spend(key, '2026-01-05', USD)
      await watch.look()
      await watch.repos.apiKeys.update(key, { limits: JSON.stringify({ totalNano: 2 * USD }) })
      await watch.spend(key, '2026-01-05', 2 * USD)
      await pass(MINUTE)
      expect(told()).toEqual(['limit_reached', 'limit_reached'])
    })

    it('is the business of the key\'s owner alone', async () => {
      await watch.channel(admin, hook.url, ['limit_reached'])
      await watch.spend(await watch.key(ann, { dailyNano: USD }), '2026-01-05', USD)
      await watch.look()
      expect(hook.calls).toEqual([])
    })

    it('that cannot be read hides no other one', async () => {
      await watch.channel(admin, hook.url, ['limit_reached'])
      const broken = await watch.key(admin, { dailyNano: USD })
      await watch.repos.apiKeys.update(broken, { limits: '{"dailyNano":"much"}' })
      await watch.spend(broken, '2026-01-05', USD)
      await watch.spend(await watch.key(admin, { dailyNano: USD }, 'sound'), '2026-01-05', USD)
      await watch.look()
      expect(hook.calls.map(({ json }) => json.title)).toEqual([expect.stringContaining('sound')])
    })
  })
})
