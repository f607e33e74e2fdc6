import { describe, expect, it } from 'vitest'
import { HitWindow } from '#server/kv/hit-window'
import { fc, runs } from '../../helpers/property'

/** The rule as it is told: every hit of the window is looked at. */
function plain() {
  let times: number[] = []
  return {
    hit(now: number, max: number, windowMs: number) {
      times = times.filter(at => at > now - windowMs)
      if (times.length >= max) return { allowed: false, count: times.length, retryAfterMs: (times[times.length - max] ?? now) + windowMs - now }
      times.push(now)
      return { allowed: true, count: times.length, retryAfterMs: 0 }
    },
  }
}

describe('hits of a window', () => {
  it('answer as if each were looked at, whatever the limits and the pauses', () => {
    const step = fc.record({ pause: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(2000)), max: fc.nat(300) })
    fc.assert(fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const [fast, slow] = [new HitWindow(), plain()]
      let now = 1_000_000
      for (const { pause, max } of steps) {
        now += pause
        expect(fast.hit(now, max, 1000)).toEqual(slow.hit(now, max, 1000))
      }
    }), runs(200))
  })

  it('lets go of those that left', () => {
    const window = new HitWindow()
    for (let now = 0; now < 100_000; now++) window.hit(now, 1000, 500)
    expect(window.count).toBe(500)
  })
})
