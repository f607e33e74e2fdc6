import { describe, expect, it } from 'vitest'
import { readTablePrefs, withColumn } from '#shared/utils/table-prefs'

describe('how somebody wants tables', () => {
  it('survives whatever a cookie holds', () => {
    const standard = { density: 'normal', columns: {} }
    for (const value of [undefined, null, '', 'compact', 7, [], { density: 'huge', columns: [] }, { columns: { keys: null, logs: { time: 'no' } } }]) expect(readTablePrefs(value)).toEqual(standard)
    expect(readTablePrefs({ density: 'compact', columns: { keys: { week: false, models: true, x: 1 } }, other: 1 })).toEqual({ density: 'compact', columns: { keys: { week: false, models: true } } })
  })

  it('keeps choices against the default only, so that the cookie stays small', () => {
    const hidden = withColumn(readTablePrefs(null), 'keys', { key: 'week', shown: false, byDefault: true })
    expect(hidden.columns).toEqual({ keys: { week: false } })
    const both = withColumn(hidden, 'keys', { key: 'models', shown: true, byDefault: false })
    expect(both.columns).toEqual({ keys: { week: false, models: true } })
    const back = withColumn(withColumn(both, 'keys', { key: 'week', shown: true, byDefault: true }), 'keys', { key: 'models', shown: false, byDefault: false })
    expect(back.columns).toEqual({})
  })

  it('is by table', () => {
    const prefs = withColumn(withColumn(readTablePrefs(null), 'keys', { key: 'week', shown: false, byDefault: true }), 'accounts', { key: 'week', shown: false, byDefault: true })
    expect(Object.keys(prefs.columns)).toEqual(['keys', 'accounts'])
  })
})
