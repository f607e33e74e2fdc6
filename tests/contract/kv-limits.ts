import { describe, expect, it } from 'vitest'
import type { Lease } from '#server/kv/kv'
import { long, short } from './kv-subject'
import type { Advance, Subject } from './kv-subject'

/** Hits in a sliding window, and places that are lent. */
export function describeLimits(at: Subject, advance: Advance): void {
  describe('hits in a window', () => {
    it('counts up to the limit, then refuses without counting', async () => {
      for (const count of [1, 2, 3]) expect(await at.kv.hit(at.key, 3, long)).toEqual({ allowed: true, count, retryAfterMs: 0 })
      for (let refused = 0; refused < 3; refused++) {
        const { allowed, count, retryAfterMs } = await at.kv.hit(at.key, 3, long)
        expect({ allowed, count }).toEqual({ allowed: false, count: 3 })
        expect(retryAfterMs).toBeGreaterThan(0)
        expect(retryAfterMs).toBeLessThanOrEqual(long)
      }
    })

    it('slides: has room again once the oldest hit has left, after the time it told', async () => {
      await at.kv.hit(at.key, 2, 400)
      await advance(150)
      await at.kv.hit(at.key, 2, 400)
      const { retryAfterMs } = await at.kv.hit(at.key, 2, 400)
      expect(retryAfterMs).toBeLessThanOrEqual(250)
      await advance(retryAfterMs)
      expect(await at.kv.hit(at.key, 2, 400)).toMatchObject({ allowed: true })
    })

    it('lets exactly the limit through of 100 racing hits', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => at.kv.hit(at.key, 10, long)))
      expect(answers.filter(answer => answer.allowed)).toHaveLength(10)
    })

    it('follows a limit that is raised or lowered', async () => {
      for (let count = 0; count < 3; count++) await at.kv.hit(at.key, 3, long)
      expect(await at.kv.hit(at.key, 1, long)).toMatchObject({ allowed: false, count: 3 })
      expect(await at.kv.hit(at.key, 4, long)).toMatchObject({ allowed: true, count: 4 })
      expect(await at.kv.hit(`${at.key}:none`, 0, long)).toEqual({ allowed: false, count: 0, retryAfterMs: long })
    })

    it('tells a lowered limit to wait until enough hits have left, not only the oldest', async () => {
      await at.kv.hit(at.key, 2, long)
      await advance(200)
      await at.kv.hit(at.key, 2, long)
      const lowered = await at.kv.hit(at.key, 1, long)
      const same = await at.kv.hit(at.key, 2, long)
      expect(lowered.retryAfterMs - same.retryAfterMs).toBeGreaterThanOrEqual(200)
    })

    it('forgets on delete, and stands beside a value of the same key', async () => {
      await at.kv.hit(at.key, 1, long)
      await at.kv.set(at.key, 'value', long)
      expect(await at.kv.hit(at.key, 1, long)).toMatchObject({ allowed: false })
      await at.kv.delete(at.key)
      expect(await at.kv.hit(at.key, 1, long)).toMatchObject({ allowed: true, count: 1 })
    })
  })

  describe('leases', () => {
    const taken = async (slots: number, ttlMs: number) => {
      const lease = await at.kv.acquire(at.key, slots, ttlMs)
      if (!lease) throw new Error('no place was free')
      return lease
    }

    it('never gives more places than there are to 100 racing askers', async () => {
      const leases = await Promise.all(Array.from({ length: 100 }, () => at.kv.acquire(at.key, 7, long)))
      const got = leases.filter((lease): lease is Lease => lease !== null)
      expect(got).toHaveLength(7)
      expect(new Set(got.map(lease => lease.token)).size).toBe(7)
      expect(await at.kv.held(at.key)).toBe(7)
      await Promise.all(got.map(lease => at.kv.release(lease)))
      expect(await at.kv.held(at.key)).toBe(0)
    })

    it('keeps within its places while askers come and go', async () => {
      let now = 0
      let most = 0
      const worker = async () => {
        for (let round = 0; round < 20; round++) {
          const lease = await at.kv.acquire(at.key, 3, long)
          if (!lease) continue
          most = Math.max(most, ++now)
          await at.kv.held(at.key)
          now -= 1
          await at.kv.release(lease)
        }
      }
      await Promise.all(Array.from({ length: 10 }, worker))
      expect(most).toBeLessThanOrEqual(3)
      expect(most).toBeGreaterThan(0)
      expect(await at.kv.held(at.key)).toBe(0)
    })

    it('frees the place of an expired lease, whose late release and renewal touch nobody', async () => {
      const late = await taken(1, short)
      expect(await at.kv.acquire(at.key, 1, long)).toBeNull()
      await advance(short + 1)
      expect(await at.kv.held(at.key)).toBe(0)
      const next = await taken(1, long)
      await at.kv.release(late)
      expect(await at.kv.renew(late, long)).toBe(false)
      expect(await at.kv.held(at.key)).toBe(1)
      expect(await at.kv.acquire(at.key, 1, long)).toBeNull()
      await at.kv.release(next)
      expect(await at.kv.held(at.key)).toBe(0)
    })

    it('is not renewed once expired or released', async () => {
      const expired = await taken(2, short)
      const released = await taken(2, long)
      await at.kv.release(released)
      await at.kv.release(released)
      await advance(short + 1)
      expect(await at.kv.renew(expired, long)).toBe(false)
      expect(await at.kv.renew(released, long)).toBe(false)
      expect(await at.kv.held(at.key)).toBe(0)
    })

    it('lives on when renewed, others keep their own end', async () => {
      const renewed = await taken(3, short)
      await taken(3, short)
      const whole = await taken(3, long)
      expect(await at.kv.renew(renewed, long)).toBe(true)
      await advance(short + 1)
      expect(await at.kv.held(at.key)).toBe(2)
      await at.kv.release(whole)
      expect(await at.kv.held(at.key)).toBe(1)
    })

    it('can be renewed to end sooner', async () => {
      const lease = await taken(1, long)
      expect(await at.kv.renew(lease, short)).toBe(true)
      await advance(short + 1)
      expect(await at.kv.acquire(at.key, 1, long)).not.toBeNull()
    })

    it('follows a number of places that changes, and gives none of zero', async () => {
      await taken(3, long)
      await taken(3, long)
      expect(await at.kv.acquire(at.key, 1, long)).toBeNull()
      expect(await at.kv.acquire(at.key, 3, long)).not.toBeNull()
      expect(await at.kv.acquire(`${at.key}:none`, 0, long)).toBeNull()
    })
  })
}
