import { describe, expect, it } from 'vitest'
import type { Base, Claim, Spans, Spent } from '#server/kv/claims'
import { long, short } from './kv-subject'
import type { Advance, Subject } from './kv-subject'

const monday: Spans = { day: '2026-11-23', week: '2026-11-23', month: '2026-11-01' }
const tuesday: Spans = { ...monday, day: '2026-11-24' }
const december: Spans = { day: '2026-12-01', week: '2026-11-30', month: '2026-12-01' }
const base = (over: Partial<Base> = {}): Base => ({ spans: monday, sums: { day: 0, week: 0, month: 0, total: 0 }, positions: {}, ...over })
const spent = (position: string, amount: number, spans: Spans = monday): Spent => ({ position, amount, ...spans })

/** Limits of a subject, taken in one step. */
export function describeClaims(at: Subject, advance: Advance): void {
  describe('claims', () => {
    let tokens = 0
    const claim = (over: Partial<Claim> = {}): Claim => ({
      subject: at.key, token: `t${++tokens}`, ttlMs: long, rate: null, places: null, caps: null, spans: monday, estimate: 0, ...over,
    })
    const take = async (over: Partial<Claim> = {}) => (await at.kv.claims.take(claim(over)))
    const results = async (many: number, over: Partial<Claim> = {}) => (await Promise.all(Array.from({ length: many }, () => take(over)))).map(answer => answer.result)
    const build = (over: Partial<Base> = {}) => at.kv.claims.build(at.key, base(over), { ticket: '' })
    const count = (entries: Spent[], over: { writer?: string, after?: string, ended?: string[] } = {}) =>
      at.kv.claims.count(at.key, { writer: 'w', after: '', ended: [], entries, ...over })
    const read = (spans = monday) => at.kv.claims.read(at.key, spans)

    it('needs a counter for a cap, and none for other limits', async () => {
      expect(await take({ caps: { day: 5 } })).toMatchObject({ result: 'absent', ticket: '' })
      expect(await read()).toMatchObject({ ticket: '' })
      expect(await count([spent('1', 5)])).toMatchObject({ result: 'absent' })
      expect(await take({ places: 1, rate: { max: 1, windowMs: long } })).toMatchObject({ result: 'taken' })
      expect(await build()).toBe('built')
      expect(await take({ caps: { day: 5 } })).toMatchObject({ result: 'taken' })
    })

    it('admits exactly what fits beside what runs, of 200 at once', async () => {
      await build()
      const all = await results(200, { caps: { day: 50 }, estimate: 10 })
      expect(all.filter(result => result === 'taken')).toHaveLength(5)
      expect(all.filter(result => result === 'cap')).toHaveLength(195)
      expect(await read()).toMatchObject({ reserved: 50, running: 5 })
    })

    it('gives whatever is left to a request that runs alone, however much it may cost', async () => {
      await build({ sums: { day: 9, week: 9, month: 9, total: 9 } })
      expect(await take({ caps: { day: 10 }, estimate: 1000, token: 'big' })).toMatchObject({ result: 'taken' })
      expect(await take({ caps: { day: 10 }, estimate: 0 })).toEqual({ local: expect.any(Boolean), result: 'cap', period: 'day', used: 9, reserved: 1000 })
      await count([], { ended: ['big'] })
      expect(await take({ caps: { day: 10 }, estimate: 1 })).toMatchObject({ result: 'taken' })
    })

    it('refuses at the cap, not before, and tells what is over for longest', async () => {
      await build({ sums: { day: 4, week: 5, month: 5, total: 9 } })
      expect(await take({ caps: { day: 4 } })).toMatchObject({ result: 'cap', period: 'day', used: 4, reserved: 0 })
      expect(await take({ caps: { day: 5, week: 6, month: 6, total: 10 } })).toMatchObject({ result: 'taken' })
      expect(await take({ caps: { day: 4, week: 5, month: 5, total: 10 } })).toMatchObject({ result: 'cap', period: 'month', used: 5 })
      expect(await take({ caps: { total: 0 } })).toMatchObject({ result: 'cap', period: 'total', used: 9 })
    })

    it('takes nothing when one of the limits refuses', async () => {
      await build({ sums: { day: 5, week: 5, month: 5, total: 5 } })
      const rate = { max: 2, windowMs: long }
      expect(await take({ rate, places: 9, caps: { day: 5 } })).toMatchObject({ result: 'cap' })
      expect(await take({ rate, places: 0 })).toMatchObject({ result: 'places', count: 0 })
      expect(await results(3, { rate, places: 9 })).toEqual(['taken', 'taken', 'rate'])
      expect(await read()).toMatchObject({ running: 2, reserved: 0 })
    })

    it('rate: refuses without counting, and says when there is room', async () => {
      const rate = { max: 2, windowMs: 400 }
      await take({ rate })
      await advance(150)
      await take({ rate })
      const refused = await take({ rate })
      expect(refused).toMatchObject({ result: 'rate', count: 2 })
      const wait = refused.result === 'rate' ? refused.retryAfterMs : 0
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(250)
      await advance(wait)
      expect(await take({ rate })).toMatchObject({ result: 'taken' })
      expect(await take({ rate: { max: 5, windowMs: 400 } })).toMatchObject({ result: 'taken' })
    })

    it('places: never more at once; one that ended or expired is free, one that is kept is not', async () => {
      expect(await results(50, { places: 3 })).toEqual([...Array(3).fill('taken'), ...Array(47).fill('places')])
      await count([], { ended: ['no such token'] })
      expect(await take({ places: 3 })).toMatchObject({ result: 'places', count: 3 })
      expect(await take({ places: 4, ttlMs: short, token: 'short' })).toMatchObject({ result: 'taken' })
      await advance(short + 1)
      expect(await take({ places: 4, ttlMs: short, token: 'kept' })).toMatchObject({ result: 'taken' })
      await at.kv.claims.keep(at.key, 'kept', { ttlMs: long, estimate: 0 })
      await advance(short + 1)
      expect(await take({ places: 4 })).toMatchObject({ result: 'places', count: 4 })
      await count([], { ended: ['kept'] })
      expect(await take({ places: 4 })).toMatchObject({ result: 'taken' })
    })

    it('what a crashed request set aside is free after its time, and a lost reservation is taken anew', async () => {
      await build()
      const caps = { day: 10 }
      expect(await take({ caps, estimate: 10, ttlMs: short })).toMatchObject({ result: 'taken' })
      expect(await take({ caps, estimate: 1 })).toMatchObject({ result: 'cap', reserved: 10 })
      await advance(short + 1)
      expect(await take({ caps, estimate: 4 })).toMatchObject({ result: 'taken' })
      await at.kv.claims.keep(at.key, 'lost', { ttlMs: long, estimate: 5 })
      expect(await take({ caps, estimate: 2 })).toMatchObject({ result: 'cap', reserved: 9 })
    })

    it('counts each entry of a writer once, in whatever pieces and however often it comes', async () => {
      await build({ sums: { day: 1, week: 2, month: 3, total: 4 }, positions: { w: '05' } })
      expect(await count([spent('05', 100), spent('06', 10), spent('07', 10)])).toMatchObject({ result: 'counted' })
      expect(await count([spent('06', 10), spent('07', 10), spent('08', 5), spent('09', -2)], { after: '07' })).toMatchObject({ result: 'counted' })
      expect(await count([spent('01', 1)], { writer: 'other' })).toMatchObject({ result: 'counted' })
      expect(await read()).toMatchObject({ day: 25, week: 26, month: 27, total: 28 })
    })

    it('says from where on a writer is missing, and counts nothing past a gap', async () => {
      await build({ positions: { w: '05' } })
      expect(await count([spent('09', 10)], { after: '07' })).toEqual({ local: expect.any(Boolean), result: 'gap', applied: '05' })
      expect(await count([], { after: '07' })).toMatchObject({ result: 'gap' })
      expect(await count([spent('01', 1)], { writer: 'new', after: '00' })).toMatchObject({ result: 'gap', applied: '' })
      expect(await read()).toMatchObject({ total: 0 })
      expect(await count([spent('07', 3), spent('09', 10)], { after: '05' })).toMatchObject({ result: 'counted' })
      expect(await count([], { after: '09' })).toMatchObject({ result: 'counted' })
      expect(await read()).toMatchObject({ total: 13 })
    })

    it('frees ended requests also when it cannot count', async () => {
      await take({ places: 1, token: 'a' })
      await count([spent('1', 1)], { ended: ['a'] })
      expect(await take({ places: 1, token: 'b' })).toMatchObject({ result: 'taken' })
      await build()
      await count([spent('9', 1)], { after: '8', ended: ['b'] })
      expect(await take({ places: 1 })).toMatchObject({ result: 'taken' })
    })

    it('a new day, week or month begins at nothing; what belongs to an earlier one is left out there only', async () => {
      await build({ sums: { day: 1, week: 2, month: 3, total: 4 } })
      expect(await read(tuesday)).toMatchObject({ day: 0, week: 2, month: 3, total: 4 })
      expect(await take({ caps: { day: 1 }, spans: monday })).toMatchObject({ result: 'cap' })
      expect(await take({ caps: { day: 1, week: 3 }, spans: tuesday })).toMatchObject({ result: 'taken' })
      await count([spent('1', 10, tuesday), spent('2', 100, monday)])
      expect(await read(tuesday)).toMatchObject({ day: 10, week: 112, month: 113, total: 114 })
      await count([spent('3', 1000, december)])
      expect(await read(december)).toMatchObject({ day: 1000, week: 1000, month: 1000, total: 1114 })
    })

    it('is built once, not from before it was dropped, and anew when that is asked for', async () => {
      const sums = { day: 7, week: 7, month: 7, total: 7 }
      expect(await Promise.all(Array.from({ length: 20 }, () => build()))).toEqual(['built', ...Array(19).fill('kept')])
      await at.kv.claims.drop(at.key)
      expect(await build({ sums })).toBe('again')
      const absent = await take({ caps: { day: 1 } })
      const ticket = absent.result === 'absent' ? absent.ticket : ''
      expect(ticket).not.toBe('')
      expect(await read()).toMatchObject({ ticket })
      await at.kv.claims.drop(at.key)
      expect(await at.kv.claims.build(at.key, base({ sums }), { ticket })).toBe('again')
      const next = await take({ caps: { day: 1 } })
      expect(await at.kv.claims.build(at.key, base({ sums }), { ticket: next.result === 'absent' ? next.ticket : '' })).toBe('built')
      expect(await at.kv.claims.build(at.key, base({ sums: { ...sums, total: 9 }, positions: { w: '9' } }), { replace: true })).toBe('built')
      expect(await count([spent('9', 1)])).toMatchObject({ result: 'counted' })
      expect(await read()).toMatchObject({ day: 7, total: 9 })
    })

    it('keeps large amounts exact', async () => {
      const large = 9_000_000_000_000_000
      await build({ sums: { day: large, week: large, month: large, total: large } })
      await count([spent('1', 1_999_999_999_999)])
      expect(await read()).toMatchObject({ total: 9_001_999_999_999_999 })
      expect(await take({ caps: { total: 9_001_999_999_999_999 } })).toMatchObject({ result: 'cap' })
      expect(await take({ caps: { total: 9_002_000_000_000_000 } })).toMatchObject({ result: 'taken' })
    })
  })
}
