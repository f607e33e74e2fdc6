import { expect, it } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import type { Kv } from '#server/kv/kv'
import { createSticky } from '#server/scheduler/sticky'
import { handClock } from '../../helpers/pool'

// Instances write the same session at the same moment: whatever comes between the steps of one of them, the later move stays.

/** A kv in which, before each of its steps, the session moves to `b`. */
function movingBetweenSteps(kv: Kv): Kv {
  const first = new Set<string>()
  return new Proxy(kv, {
    get: (target, name: keyof Kv) => typeof target[name] !== 'function'
      ? target[name]
      : async (key: string, ...rest: unknown[]) => {
        // The first step of a caller sees the old value; the move comes right after it.
        const answer = await (target[name] as (...args: unknown[]) => Promise<unknown>)(key, ...rest)
        if (!first.has(key)) await target.set(key, 'b', 60_000)
        first.add(key)
        return answer
      },
  })
}

it.each(['confirm', 'drop'] as const)('a session that moves while another instance does %s stays where it moved', async (step) => {
  const kv = createMemoryKv({ clock: handClock(1_000) })
  await kv.set('s', 'a', 60_000)
  await createSticky(movingBetweenSteps(kv))[step]('s', 'a')
  expect(await kv.get('s')).toBe('b')
})

it('an answer keeps its session for an hour, also when the claim has run out meanwhile', async () => {
  const clock = handClock(1_000)
  const kv = createMemoryKv({ clock })
  const sticky = createSticky(kv)
  for (const wait of [0, 59_000, 3_599_999]) {
    clock.time += wait
    await sticky.claim('s', 'a')
    await sticky.confirm('s', 'a')
  }
  await sticky.claim('late', 'a')
  clock.time += 60_000
  await sticky.confirm('late', 'a')
  clock.time += 3_599_999
  expect(await sticky.get('late')).toBe('a')
  clock.time += 1
  expect(await sticky.get('late')).toBeNull()
})

it('an answer or a failure of the account that a session has left changes nothing', async () => {
  const kv = createMemoryKv({ clock: handClock(1_000) })
  const sticky = createSticky(kv)
  await sticky.claim('s', 'b')
  await sticky.confirm('s', 'a')
  await sticky.drop('s', 'a')
  expect(await sticky.get('s')).toBe('b')
})
