import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Kv, Lease } from '#server/kv/kv'
import { poll } from '../helpers/until'

/** Long enough never to end within a test; short enough to be waited for. */
const long = 60_000
const short = 80

/**
 * What every Kv must do. `open` gives one more instance on the same shared state; `advance` lets that many
 * milliseconds pass on the clock that the store goes by.
 */
export function describeKv(name: string, open: () => Promise<Kv>, advance: (ms: number) => Promise<void>): void {
  describe(`kv: ${name}`, () => {
    let kv: Kv
    let key: string
    beforeEach(async () => {
      kv = await open()
      key = `test:${randomUUID()}`
    })
    afterEach(() => kv.close())

    describe('values', () => {
      it('gives back what was set, null for what was not, and forgets on delete', async () => {
        expect(await kv.get(key)).toBeNull()
        await kv.set(key, 'one')
        await kv.set(key, 'two')
        expect(await kv.get(key)).toBe('two')
        await kv.delete(key)
        await kv.delete(key)
        expect(await kv.get(key)).toBeNull()
      })

      it.each(['', '0', '00123', 'true', 'null', '{"a":1}', '[1]', '钥匙🔑\u0000\r\n"\\', '\u{10FFFF}e\u0301', 'x'.repeat(1_000_000)])('keeps a text as it is, never parsed (case %#)', async (text) => {
        await kv.set(key, text, long)
        expect(await kv.get(key)).toBe(text)
      })

      it.each([':', 'a:b', 'a/b?c*', 'ключ 🔑', 'x'.repeat(2000)])('keeps keys of any characters apart (case %#)', async (suffix) => {
        await kv.set(key + suffix, 'this', long)
        expect(await kv.get(key)).toBeNull()
        expect(await kv.get(key + suffix)).toBe('this')
      })

      it('ends a value with its time to live, and not before', async () => {
        await kv.set(key, 'short', short)
        await kv.set(`${key}:long`, 'long', long)
        await advance(short + 1)
        expect(await kv.get(key)).toBeNull()
        expect(await kv.get(`${key}:long`)).toBe('long')
      })

      it('takes the time to live of the latest set', async () => {
        await kv.set(key, 'a', short)
        await kv.set(key, 'b')
        await kv.set(`${key}:2`, 'a', short)
        await kv.set(`${key}:2`, 'b', long)
        await advance(short + 1)
        expect(await kv.get(key)).toBe('b')
        expect(await kv.get(`${key}:2`)).toBe('b')
        await kv.delete(key)
      })

      it('lets one of 50 racing setIfAbsent win', async () => {
        const won = await Promise.all(Array.from({ length: 50 }, (_, i) => kv.setIfAbsent(key, String(i), long)))
        expect(won.filter(Boolean)).toHaveLength(1)
        expect(await kv.get(key)).toBe(String(won.indexOf(true)))
      })

      it('lets setIfAbsent win again after the end or a delete, and does not prolong', async () => {
        expect(await kv.setIfAbsent(key, 'a', short)).toBe(true)
        expect(await kv.setIfAbsent(key, 'b', long)).toBe(false)
        await advance(short + 1)
        expect(await kv.setIfAbsent(key, 'c', long)).toBe(true)
        await kv.delete(key)
        expect(await kv.setIfAbsent(key, 'd', long)).toBe(true)
        expect(await kv.get(key)).toBe('d')
      })
    })

    describe('counters', () => {
      it('adds and takes away, below zero too, and reads as a value', async () => {
        expect(await kv.incrBy(key, 5, long)).toBe(5)
        expect(await kv.incrBy(key, -7, long)).toBe(-2)
        expect(await kv.incrBy(key, 0)).toBe(-2)
        expect(await kv.get(key)).toBe('-2')
        await kv.set(key, '40', long)
        expect(await kv.incrBy(key, 2)).toBe(42)
      })

      it('is exact for nano dollars in the millions', async () => {
        expect(await kv.incrBy(key, 9_007_199_254_740_000, long)).toBe(9_007_199_254_740_000)
        expect(await kv.incrBy(key, 991)).toBe(9_007_199_254_740_991)
      })

      it('loses none of 200 racing additions', async () => {
        const sums = await Promise.all(Array.from({ length: 200 }, () => kv.incrBy(key, 3, long)))
        expect(new Set(sums).size).toBe(200)
        expect(await kv.get(key)).toBe('600')
      })

      it('sets its time to live when made and leaves it when added to', async () => {
        await kv.incrBy(key, 1, short)
        await kv.incrBy(key, 1, long)
        await kv.incrBy(`${key}:kept`, 0, long)
        await kv.incrBy(`${key}:kept`, 0, short)
        await advance(short + 1)
        expect(await kv.get(key)).toBeNull()
        expect(await kv.get(`${key}:kept`)).toBe('0')
        expect(await kv.incrBy(key, 1, long)).toBe(1)
      })

      it('refuses what is not a whole number, and leaves the value alone', async () => {
        await kv.set(key, 'text', long)
        await expect(kv.incrBy(key, 1)).rejects.toThrow()
        await expect(kv.incrBy(`${key}:2`, 0.5)).rejects.toThrow()
        expect(await kv.get(key)).toBe('text')
      })
    })

    describe('hits in a window', () => {
      it('counts up to the limit, then refuses without counting', async () => {
        for (const count of [1, 2, 3]) expect(await kv.hit(key, 3, long)).toEqual({ allowed: true, count, retryAfterMs: 0 })
        for (let refused = 0; refused < 3; refused++) {
          const { allowed, count, retryAfterMs } = await kv.hit(key, 3, long)
          expect({ allowed, count }).toEqual({ allowed: false, count: 3 })
          expect(retryAfterMs).toBeGreaterThan(0)
          expect(retryAfterMs).toBeLessThanOrEqual(long)
        }
      })

      it('slides: has room again once the oldest hit has left, after the time it told', async () => {
        await kv.hit(key, 2, 400)
        await advance(150)
        await kv.hit(key, 2, 400)
        const { retryAfterMs } = await kv.hit(key, 2, 400)
        expect(retryAfterMs).toBeLessThanOrEqual(250)
        await advance(retryAfterMs)
        expect(await kv.hit(key, 2, 400)).toMatchObject({ allowed: true })
      })

      it('lets exactly the limit through of 100 racing hits', async () => {
        const answers = await Promise.all(Array.from({ length: 100 }, () => kv.hit(key, 10, long)))
        expect(answers.filter(answer => answer.allowed)).toHaveLength(10)
      })

      it('follows a limit that is raised or lowered', async () => {
        for (let count = 0; count < 3; count++) await kv.hit(key, 3, long)
        expect(await kv.hit(key, 1, long)).toMatchObject({ allowed: false, count: 3 })
        expect(await kv.hit(key, 4, long)).toMatchObject({ allowed: true, count: 4 })
        expect(await kv.hit(`${key}:none`, 0, long)).toEqual({ allowed: false, count: 0, retryAfterMs: long })
      })

      it('forgets on delete, and stands beside a value of the same key', async () => {
        await kv.hit(key, 1, long)
        await kv.set(key, 'value', long)
        expect(await kv.hit(key, 1, long)).toMatchObject({ allowed: false })
        await kv.delete(key)
        expect(await kv.hit(key, 1, long)).toMatchObject({ allowed: true, count: 1 })
      })
    })

    describe('leases', () => {
      const taken = async (slots: number, ttlMs: number) => {
        const lease = await kv.acquire(key, slots, ttlMs)
        if (!lease) throw new Error('no place was free')
        return lease
      }

      it('never gives more places than there are to 100 racing askers', async () => {
        const leases = await Promise.all(Array.from({ length: 100 }, () => kv.acquire(key, 7, long)))
        const got = leases.filter((lease): lease is Lease => lease !== null)
        expect(got).toHaveLength(7)
        expect(new Set(got.map(lease => lease.token)).size).toBe(7)
        expect(await kv.held(key)).toBe(7)
        await Promise.all(got.map(lease => kv.release(lease)))
        expect(await kv.held(key)).toBe(0)
      })

      it('keeps within its places while askers come and go', async () => {
        let now = 0
        let most = 0
        const worker = async () => {
          for (let round = 0; round < 20; round++) {
            const lease = await kv.acquire(key, 3, long)
            if (!lease) continue
            most = Math.max(most, ++now)
            await kv.held(key)
            now -= 1
            await kv.release(lease)
          }
        }
        await Promise.all(Array.from({ length: 10 }, worker))
        expect(most).toBeLessThanOrEqual(3)
        expect(most).toBeGreaterThan(0)
        expect(await kv.held(key)).toBe(0)
      })

      it('frees the place of an expired lease, whose late release and renewal touch nobody', async () => {
        const late = await taken(1, short)
        expect(await kv.acquire(key, 1, long)).toBeNull()
        await advance(short + 1)
        expect(await kv.held(key)).toBe(0)
        const next = await taken(1, long)
        await kv.release(late)
        expect(await kv.renew(late, long)).toBe(false)
        expect(await kv.held(key)).toBe(1)
        expect(await kv.acquire(key, 1, long)).toBeNull()
        await kv.release(next)
        expect(await kv.held(key)).toBe(0)
      })

      it('is not renewed once expired or released', async () => {
        const expired = await taken(2, short)
        const released = await taken(2, long)
        await kv.release(released)
        await kv.release(released)
        await advance(short + 1)
        expect(await kv.renew(expired, long)).toBe(false)
        expect(await kv.renew(released, long)).toBe(false)
        expect(await kv.held(key)).toBe(0)
      })

      it('lives on when renewed, others keep their own end', async () => {
        const renewed = await taken(3, short)
        await taken(3, short)
        const whole = await taken(3, long)
        expect(await kv.renew(renewed, long)).toBe(true)
        await advance(short + 1)
        expect(await kv.held(key)).toBe(2)
        await kv.release(whole)
        expect(await kv.held(key)).toBe(1)
      })

      it('can be renewed to end sooner', async () => {
        const lease = await taken(1, long)
        expect(await kv.renew(lease, short)).toBe(true)
        await advance(short + 1)
        expect(await kv.acquire(key, 1, long)).not.toBeNull()
      })

      it('follows a number of places that changes, and gives none of zero', async () => {
        await taken(3, long)
        await taken(3, long)
        expect(await kv.acquire(key, 1, long)).toBeNull()
        expect(await kv.acquire(key, 3, long)).not.toBeNull()
        expect(await kv.acquire(`${key}:none`, 0, long)).toBeNull()
      })
    })

    describe('messages', () => {
      it('reach each listener of the channel once, in order, whole, and nobody else', async () => {
        const heard: string[][] = [[], [], []]
        await kv.subscribe(key, message => heard[0]?.push(message))
        await kv.subscribe(key, message => heard[1]?.push(message))
        await kv.subscribe(`${key}:other`, message => heard[2]?.push(message))
        const messages = ['钥匙🔑\n', '', ...Array.from({ length: 50 }, (_, i) => String(i))]
        for (const message of messages) await kv.publish(key, message)
        await poll(() => heard.slice(0, 2).every(list => list.length >= messages.length) || undefined, 'all messages')
        expect(heard).toEqual([messages, messages, []])
      })

      it('stop for the one who ended the subscription, and go on for the others', async () => {
        const ended: string[] = []
        const staying: string[] = []
        const end = await kv.subscribe(key, message => ended.push(message))
        const endOther = await kv.subscribe(key, message => staying.push(message))
        await end()
        await end()
        await kv.publish(key, 'one')
        await poll(() => staying.length || undefined, 'the message')
        await endOther()
        const again: string[] = []
        await kv.subscribe(key, message => again.push(message))
        await kv.publish(key, 'two')
        await poll(() => again.length || undefined, 'the message')
        expect({ ended, staying, again }).toEqual({ ended: [], staying: ['one'], again: ['two'] })
      })

      it('reach the others when one listener throws', async () => {
        const heard: string[] = []
        await kv.subscribe(key, () => {
          throw new Error('this listener is broken')
        })
        await kv.subscribe(key, message => heard.push(message))
        await kv.publish(key, 'one')
        await kv.publish(key, 'two')
        await poll(() => heard.length === 2 || undefined, 'both messages')
      })

      it('published to nobody are lost without an error', async () => {
        await kv.publish(key, 'to nobody')
        await kv.ping()
      })
    })
  })
}
