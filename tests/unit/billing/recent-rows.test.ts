import { describe, expect, it } from 'vitest'
import { RecentRows } from '#server/billing/recent-rows'
import { closedRequest } from '../../helpers/requests'

const ids = (rows: ReturnType<RecentRows['between']>) => rows?.map(({ row }) => row.requestId) ?? null
const row = closedRequest

function filled(maxRows?: number) {
  const recent = new RecentRows(maxRows)
  recent.begin('a')
  recent.add('a', row('r1'), 100)
  recent.add('a', row('r2'), 200)
  return recent
}

describe('rows that were just written', () => {
  it('are given by the offsets of their lines, as often as asked', () => {
    const recent = filled()
    expect(ids(recent.between('a', 0, 200))).toEqual(['r1', 'r2'])
    expect(ids(recent.between('a', 100, 200))).toEqual(['r2'])
    expect(ids(recent.between('a', 0, 150))).toEqual(['r1'])
    expect(ids(recent.between('a', 200, 200))).toEqual([])
  })

  it('of a file that this process did not begin are unknown, not none', () => {
    const recent = filled()
    recent.add('b', row('r3'), 50)
    expect(recent.between('b', 0, 50)).toBeNull()
  })

  it('are let go once booked, and given again when a booking failed', () => {
    const recent = filled(2)
    recent.booked('a', 100)
    expect(ids(recent.between('a', 100, 200))).toEqual(['r2'])
    recent.add('a', row('r3'), 300)
    expect(ids(recent.between('a', 100, 300))).toEqual(['r2', 'r3'])
  })

  it('are never given with a gap: past the cap the file is read, until the ledger has caught up', () => {
    const recent = filled(2)
    recent.add('a', row('r3'), 300)
    expect(recent.between('a', 0, 300)).toBeNull()
    expect(recent.between('a', 200, 300)).toBeNull()
    recent.add('a', row('r4'), 400)
    expect(ids(recent.between('a', 300, 400))).toEqual(['r4'])
  })

  it('of an older file are read from it too once the cap was passed in a newer one', () => {
    const recent = filled(2)
    recent.begin('b')
    recent.add('b', row('r3'), 70)
    expect(recent.between('a', 0, 200)).toBeNull()
    expect(ids(recent.between('a', 200, 200))).toEqual([])
    expect(recent.between('b', 0, 70)).toBeNull()
  })
})
