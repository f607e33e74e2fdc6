import { describe, expect, it } from 'vitest'
import { chunksOf, runAll } from '#shared/utils/run-all'

/** Work that ends when the test says so. */
function byHand() {
  const started: number[] = []
  const ends = new Map<number, { resolve: () => void, reject: (error: Error) => void }>()
  const work = (item: number) => new Promise<void>((resolve, reject) => {
    started.push(item)
    ends.set(item, { resolve, reject })
  })
  return { started, ends, work }
}
const soon = () => new Promise(resolve => setImmediate(resolve))

describe('working through many', () => {
  it('has no more than so many under way, in order, and a failed one holds up nobody', async () => {
    const { started, ends, work } = byHand()
    const ended: [number, unknown][] = []
    const all = runAll([1, 2, 3, 4], work, { parallel: 2, signal: new AbortController().signal, onEnd: (item, problem) => ended.push([item, problem]) })
    expect(started).toEqual([1, 2])
    const broken = new Error('broken')
    ends.get(2)!.reject(broken)
    await soon()
    expect(started).toEqual([1, 2, 3])
    ends.get(1)!.resolve()
    await soon()
    expect(started).toEqual([1, 2, 3, 4])
    for (const item of [3, 4]) ends.get(item)!.resolve()
    await all
    expect(ended).toEqual([[2, broken], [1, null], [3, null], [4, null]])
  })

  it('begins nothing new once it is stopped, and gives up what runs', async () => {
    const { started, ends, work } = byHand()
    const control = new AbortController()
    const ended: number[] = []
    const all = runAll([1, 2, 3, 4], work, { parallel: 2, signal: control.signal, onEnd: item => ended.push(item) })
    ends.get(1)!.resolve()
    await soon()
    control.abort()
    for (const item of [2, 3]) ends.get(item)!.reject(new Error('aborted'))
    await all
    expect(started).toEqual([1, 2, 3])
    expect(ended).toEqual([1])
  })

  it('ends at once with nothing to do', async () => {
    await runAll([], () => Promise.reject(new Error('nothing to work on')), { parallel: 3, signal: new AbortController().signal, onEnd: () => expect.unreachable() })
  })

  it('is cut into pieces that hold all of it', () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(chunksOf([], 2)).toEqual([])
  })
})
