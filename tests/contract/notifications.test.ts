import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#server/lib/id'
import { startHook, type Hook } from '../helpers/hook'
import { openWatch, type Watch } from '../helpers/notifications'
import { testDialects } from '../helpers/store'

const MINUTE = 60_000
const abnormal = { stateName: 'abnormal' as const, stateReason: 'unauthorized', stateEvidence: '401 sk-abcdefgh1234 refused' }
const normal = { stateName: 'normal' as const, stateReason: null, stateEvidence: null, stateUntil: null }
const events = ['limit_near', 'limit_reached', 'account_abnormal', 'pool_unusable', 'task_failed']

// Everything here is done by two instances at once.
describe.each(testDialects)('notifications of two instances on %s', (dialect) => {
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

  describe('an account', () => {
    it('that fails is told once, and once when it works again; the next failure is news', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      const id = await watch.account(admin, null, { name: 'first' })
      await pass(MINUTE)
      await set(id, abnormal)
      for (let i = 0; i < 3; i++) await pass(MINUTE)
      expect(told()).toEqual(['account_abnormal'])
      await set(id, normal)
      for (let i = 0; i < 3; i++) await pass(MINUTE)
      expect(told()).toEqual(['account_abnormal', 'account_normal'])
      await set(id, abnormal)
      await pass(MINUTE)
      expect(told()).toEqual(['account_abnormal', 'account_normal', 'account_abnormal'])
    })

    it('is told of without secrets that its evidence holds', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.account(admin, null, { ...abnormal })
      await watch.look()
      expect(hook.calls[0]!.body).not.toContain('sk-abcdefgh1234')
      expect(hook.calls[0]!.body).toContain('401')
    })

    it('that a person disables or deletes is no account that works again', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      const [off, gone] = [await watch.account(admin, null, abnormal), await watch.account(admin, null, abnormal)]
      await watch.look()
      await watch.repos.accounts.update(off, { enabled: false })
      await watch.repos.accounts.remove(gone, watch.time.now)
      await pass(MINUTE)
      expect(told()).toEqual(['account_abnormal', 'account_abnormal'])
    })

    it('is its owner\'s business in a group, and all admins\' in the shared pool', async () => {
      const other = await watch.user('second-chief', { role: 'admin' })
      const bystander = await watch.user('ben')
      const names = new Map([[admin, 'chief'], [other, 'second'], [bystander, 'ben']])
      for (const [owner, name] of names) {
        if (owner !== bystander) await watch.channel(owner, `${hook.url}/${name}`, events)
      }
      await watch.account(ann, await watch.group(ann), abnormal)
      await watch.account(admin, null, abnormal)
      await watch.look()
      const shared = hook.calls.map(({ path, json }) => `${path} ${String(json.event)}`).sort()
      expect(shared).toEqual(['/chief account_abnormal', '/chief pool_unusable', '/second account_abnormal', '/second pool_unusable'])
    })

    it('that failed while a channel was unwilling is told when it is willing', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.account(admin, null, abnormal)
      hook.answers({ status: 503 })
      await watch.look()
      expect(hook.calls).toHaveLength(1)
      await pass(30_000)
      expect(hook.calls).toHaveLength(1)
      await pass(30_000)
      expect(hook.calls).toHaveLength(2)
      hook.answers({})
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(2)
      await pass(MINUTE)
      expect(hook.calls).toHaveLength(3)
      expect(new Set(hook.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
      await pass(60 * MINUTE)
      expect(hook.calls).toHaveLength(3)
    })

    it('that works again before anybody could be told is no news', async () => {
      await watch.channel(admin, hook.url, ['account_abnormal'])
      const id = await watch.account(admin, null, abnormal)
      hook.answers({ status: 500 })
      await watch.look()
      await set(id, normal)
      await pass(MINUTE)
      hook.answers({})
      await pass(60 * MINUTE)
      expect(told()).toEqual(['account_abnormal'])
    })

    it('is told to a channel that comes later or is enabled again, while it still fails', async () => {
      await watch.account(admin, null, abnormal)
      await watch.look()
      const id = await watch.channel(admin, hook.url, ['account_abnormal'])
      await watch.repos.notificationChannels.update(id, { enabled: false })
      await pass(MINUTE)
      expect(hook.calls).toEqual([])
      await watch.repos.notificationChannels.update(id, { enabled: true })
      await pass(MINUTE)
      expect(told()).toEqual(['account_abnormal'])
    })
  })

  it('a failed task is told to admins once until it has run well', async () => {
    await watch.channel(admin, hook.url, ['task_failed'])
    const run = async (outcome: 'ok' | 'failed') => {
      const id = newId()
      await watch.repos.taskRuns.start({ id, task: 'logs:prune', instanceId: newId() })
      await watch.repos.taskRuns.end(id, { outcome, result: 'why password=hunter22 it failed' })
      await pass(MINUTE)
    }
    await run('failed')
    await run('failed')
    expect(told()).toEqual(['task_failed'])
    expect(hook.calls[0]!.body).not.toContain('hunter22')
    await run('ok')
    await run('failed')
    expect(told()).toEqual(['task_failed', 'task_failed'])
  })
})
