import { describe, expect, it } from 'vitest'
import { firstStepsOf, nextStepOf, type StepName } from '#shared/utils/first-steps'

const stepsWith = (...done: StepName[]) => ({
  account: done.includes('account'), test: done.includes('test'), key: done.includes('key'), settings: done.includes('settings'), request: done.includes('request'),
})
const admin = { role: 'admin', sharedPool: true } as const
const pooled = { role: 'user', sharedPool: true } as const
const alone = { role: 'user', sharedPool: false } as const

describe('the first steps', () => {
  it('begin with a key for who draws from the shared pool', () => {
    expect(firstStepsOf(pooled, stepsWith())).toEqual(['key', 'settings', 'request'])
  })

  it('begin with an account for all others, and for who has one', () => {
    const all = ['account', 'test', 'key', 'settings', 'request']
    expect(firstStepsOf(admin, stepsWith())).toEqual(all)
    expect(firstStepsOf(alone, stepsWith('key'))).toEqual(all)
    expect(firstStepsOf(pooled, stepsWith('account'))).toEqual(all)
  })

  const next = (user: typeof admin | typeof pooled | typeof alone, ...done: StepName[]) => nextStepOf(firstStepsOf(user, stepsWith(...done)), stepsWith(...done))

  it('go on after what is done', () => {
    expect(next(pooled)).toBe('key')
    expect(next(pooled, 'key')).toBe('settings')
    expect(next(pooled, 'key', 'settings')).toBe('request')
    expect(next(alone)).toBe('account')
    expect(next(admin, 'account')).toBe('test')
  })

  it('pass over a test once there is a key, but not an account that is needed', () => {
    expect(next(admin, 'account', 'key')).toBe('settings')
    expect(next(alone, 'key')).toBe('account')
  })

  it('end', () => {
    expect(next(admin, 'account', 'test', 'key', 'settings', 'request')).toBeUndefined()
  })
})
