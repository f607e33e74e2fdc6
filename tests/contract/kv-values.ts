import { describe, expect, it } from 'vitest'
import { long, short } from './kv-subject'
import type { Advance, Subject } from './kv-subject'

/** Values with a time to live, and counters. */
export function describeValues(at: Subject, advance: Advance): void {
  describe('values', () => {
    it('gives back what was set, null for what was not, and forgets on delete', async () => {
      expect(await at.kv.get(at.key)).toBeNull()
      await at.kv.set(at.key, 'one')
      await at.kv.set(at.key, 'two')
      expect(await at.kv.get(at.key)).toBe('two')
      await at.kv.delete(at.key)
      await at.kv.delete(at.key)
      expect(await at.kv.get(at.key)).toBeNull()
    })

    it.each(['', '0', '00123', 'true', 'null', '{"a":1}', '[1]', '钥匙🔑\u0000\r\n"\\', '\u{10FFFF}e\u0301', 'x'.repeat(1_000_000)])('keeps a text as it is, never parsed (case %#)', async (text) => {
      await at.kv.set(at.key, text, long)
      expect(await at.kv.get(at.key)).toBe(text)
    })

    it.each([':', 'a:b', 'a/b?c*', 'ключ 🔑', 'x'.repeat(2000)])('keeps keys of any characters apart (case %#)', async (suffix) => {
      await at.kv.set(at.key + suffix, 'this', long)
      expect(await at.kv.get(at.key)).toBeNull()
      expect(await at.kv.get(at.key + suffix)).toBe('this')
    })

    it('ends a value with its time to live, and not before', async () => {
      await at.kv.set(at.key, 'short', short)
      await at.kv.set(`${at.key}:long`, 'long', long)
      await advance(short + 1)
      expect(await at.kv.get(at.key)).toBeNull()
      expect(await at.kv.get(`${at.key}:long`)).toBe('long')
    })

    it('takes the time to live of the latest set', async () => {
      await at.kv.set(at.key, 'a', short)
      await at.kv.set(at.key, 'b')
      await at.kv.set(`${at.key}:2`, 'a', short)
      await at.kv.set(`${at.key}:2`, 'b', long)
      await advance(short + 1)
      expect(await at.kv.get(at.key)).toBe('b')
      expect(await at.kv.get(`${at.key}:2`)).toBe('b')
      await at.kv.delete(at.key)
    })

    it('lets one of 50 racing setIfAbsent win', async () => {
      const won = await Promise.all(Array.from({ length: 50 }, (_, i) => at.kv.setIfAbsent(at.key, String(i), long)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await at.kv.get(at.key)).toBe(String(won.indexOf(true)))
    })

    it('lets setIfAbsent win again after the end or a delete, and does not prolong', async () => {
      expect(await at.kv.setIfAbsent(at.key, 'a', short)).toBe(true)
      expect(await at.kv.setIfAbsent(at.key, 'b', long)).toBe(false)
      await advance(short + 1)
      expect(await at.kv.setIfAbsent(at.key, 'c', long)).toBe(true)
      await at.kv.delete(at.key)
      expect(await at.kv.setIfAbsent(at.key, 'd', long)).toBe(true)
      expect(await at.kv.get(at.key)).toBe('d')
    })

    it('sets and deletes by comparison only what still is as expected', async () => {
      expect(await at.kv.setIfEqual(at.key, 'a', 'b', long)).toBe(false)
      expect(await at.kv.deleteIfEqual(at.key, '')).toBe(false)
      expect(await at.kv.get(at.key)).toBeNull()
      await at.kv.set(at.key, 'a', long)
      expect(await at.kv.setIfEqual(at.key, 'A', 'b', long)).toBe(false)
      expect(await at.kv.deleteIfEqual(at.key, 'A')).toBe(false)
      expect(await at.kv.setIfEqual(at.key, 'a', '钥匙', long)).toBe(true)
      expect(await at.kv.get(at.key)).toBe('钥匙')
      expect(await at.kv.deleteIfEqual(at.key, '钥匙')).toBe(true)
      expect(await at.kv.deleteIfEqual(at.key, '钥匙')).toBe(false)
      expect(await at.kv.get(at.key)).toBeNull()
    })

    it('lets one of 50 racing comparisons win', async () => {
      await at.kv.set(at.key, 'a', long)
      const won = await Promise.all(Array.from({ length: 50 }, (_, i) => at.kv.setIfEqual(at.key, 'a', String(i), long)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = String(won.indexOf(true))
      expect(await at.kv.get(at.key)).toBe(winner)
      const gone = await Promise.all(Array.from({ length: 50 }, () => at.kv.deleteIfEqual(at.key, winner)))
      expect(gone.filter(Boolean)).toHaveLength(1)
    })

    it('gives a compared value the new time to live, and sees none that has ended', async () => {
      await at.kv.set(at.key, 'a', short)
      await at.kv.set(`${at.key}:ended`, 'a', short)
      expect(await at.kv.setIfEqual(at.key, 'a', 'a', long)).toBe(true)
      await advance(short + 1)
      expect(await at.kv.get(at.key)).toBe('a')
      expect(await at.kv.setIfEqual(`${at.key}:ended`, 'a', 'b', long)).toBe(false)
      expect(await at.kv.deleteIfEqual(`${at.key}:ended`, 'a')).toBe(false)
    })
  })

  describe('counters', () => {
    it('adds and takes away, below zero too, and reads as a value', async () => {
      expect(await at.kv.incrBy(at.key, 5, long)).toBe(5)
      expect(await at.kv.incrBy(at.key, -7, long)).toBe(-2)
      expect(await at.kv.incrBy(at.key, 0)).toBe(-2)
      expect(await at.kv.get(at.key)).toBe('-2')
      await at.kv.set(at.key, '40', long)
      expect(await at.kv.incrBy(at.key, 2)).toBe(42)
    })

    it('is exact for nano dollars in the millions', async () => {
      expect(await at.kv.incrBy(at.key, 9_007_199_254_740_000, long)).toBe(9_007_199_254_740_000)
      expect(await at.kv.incrBy(at.key, 991)).toBe(9_007_199_254_740_991)
    })

    it('loses none of 200 racing additions', async () => {
      const sums = await Promise.all(Array.from({ length: 200 }, () => at.kv.incrBy(at.key, 3, long)))
      expect(new Set(sums).size).toBe(200)
      expect(await at.kv.get(at.key)).toBe('600')
    })

    it('sets its time to live when made and leaves it when added to', async () => {
      await at.kv.incrBy(at.key, 1, short)
      await at.kv.incrBy(at.key, 1, long)
      await at.kv.incrBy(`${at.key}:kept`, 0, long)
      await at.kv.incrBy(`${at.key}:kept`, 0, short)
      await advance(short + 1)
      expect(await at.kv.get(at.key)).toBeNull()
      expect(await at.kv.get(`${at.key}:kept`)).toBe('0')
      expect(await at.kv.incrBy(at.key, 1, long)).toBe(1)
    })

    it('refuses what is not a whole number, and leaves the value alone', async () => {
      await at.kv.set(at.key, 'text', long)
      await expect(at.kv.incrBy(at.key, 1)).rejects.toThrow()
      await expect(at.kv.incrBy(`${at.key}:2`, 0.5)).rejects.toThrow()
      expect(await at.kv.get(at.key)).toBe('text')
    })
  })
}
