import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccountStates, type StatesDeps } from '#server/accounts/states'
import { stateOf, type stateColumns } from '#server/accounts/state-columns'
import { createLogger } from '#server/lib/logger'
import { normalState, type StateEvent } from '#server/scheduler/state'
import { handClock, poolAccount } from '../../helpers/pool'

type Columns = ReturnType<typeof stateColumns>
type HistoryLine = Parameters<StatesDeps['repos']['accountEvents']['insert']>[0]

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const limited = (until: number | null = null): StateEvent => ({ kind: 'limited', reason: 'rate_limited', evidence: '429 rate_limit_error', until, family: null })
const fault = (evidence = '401 authentication_error'): StateEvent => ({ kind: 'fault', reason: 'unauthorized', evidence, until: null })
const hiccup: StateEvent = { kind: 'transient', reason: 'overloaded', evidence: '529' }

/** A database of two tables that can be away, slow, or refuse one account. */
function setUp() {
  const clock = handClock(1_000_000)
  const rows = new Map<string, Columns>()
  const history: HistoryLine[] = []
  const announced: string[] = []
  const database = { away: false, refuses: '', linesUntilAway: Infinity, gate: null as Promise<void> | null }
  const reach = async (id: string): Promise<void> => {
    await database.gate
    if (database.away || database.refuses === id) throw new Error('the database is away')
  }
  const accounts = {
    async update(id: string, columns: Columns) {
      await reach(id)
      rows.set(id, columns)
    },
    async clearFailures(id: string, since: number) {
      await reach(id)
      const row = rows.get(id)
      if (row?.stateName === 'normal' && row.stateSince === since) rows.set(id, { ...row, stateFailures: 0 })
    },
  }
  const accountEvents = {
    async insert(line: HistoryLine) {
      await reach(line.accountId)
      if (database.linesUntilAway-- <= 0) throw new Error('the database went away')
      history.push(line)
    },
  }
  const states = createAccountStates({
    repos: { accounts, accountEvents } as unknown as StatesDeps['repos'],
    clock, logger: createLogger({ level: 'silent' }),
    announce: async id => void announced.push(id),
  })
  return { clock, rows, history, announced, database, states, told: () => history.map(({ accountId, fromState, toState, reason }) => [accountId, fromState, toState, reason]) }
}

describe('what happens to an account', () => {
  it('is in force at once, then in its row and, with reason, evidence and end, in its history', async () => {
    const { states, rows, history, announced } = setUp()
    const account = poolAccount('a')
    states.apply(account, limited(1_060_000))
    expect(account.state).toMatchObject({ name: 'limited', until: 1_060_000 })
    await states.flush()
    expect(stateOf(rows.get('a')!)).toEqual(account.state)
    expect(history).toEqual([expect.objectContaining({ accountId: 'a', at: 1_000_000, fromState: 'normal', toState: 'limited', reason: 'rate_limited', evidence: '429 rate_limit_error', until: 1_060_000, byUserId: null })])
    expect(announced).toEqual(['a'])
  })

  it('is not written while it is a mere count, nor when nothing changes', async () => {
    const { states, rows, history } = setUp()
    const account = poolAccount('a')
    states.apply(account, hiccup)
    states.apply(account, { kind: 'success' })
    states.apply(account, { kind: 'released' })
    await states.flush()
    expect([rows.size, history.length]).toEqual([0, 0])
    for (let i = 0; i < 3; i++) states.apply(account, hiccup)
    await states.flush()
    expect(stateOf(rows.get('a')!)).toMatchObject({ name: 'cooling', failures: 3 })
    expect(history).toHaveLength(1)
  })

  it('has its count cleared in the row too by a success, when the row has one, without a line in the history', async () => {
    const { states, rows, history, announced, clock } = setUp()
    const account = poolAccount('a')
    states.apply(account, limited(1_000_500))
    clock.time = 1_000_500
    states.apply(account, { kind: 'released' })
    await states.flush()
    expect(stateOf(rows.get('a')!)).toMatchObject({ name: 'normal', failures: 1 })
    const [lines, told] = [history.length, announced.length]
    states.apply(account, { kind: 'success' })
    await states.flush()
    expect(stateOf(rows.get('a')!)).toEqual(account.state)
    expect(account.state.failures).toBe(0)
    expect([history.length, announced.length]).toEqual([lines, told + 1])
    states.apply(account, hiccup)
    states.apply(account, { kind: 'success' })
    await states.flush()
    expect(announced.length).toBe(told + 1)
  })

  it('has no newer state of its row written over by a success', async () => {
    const { states, rows, clock, database } = setUp()
    const account = poolAccount('a')
    states.apply(account, limited(1_000_500))
    clock.time = 1_000_500
    states.apply(account, { kind: 'released' })
    await states.flush()
    const elsewhere = { ...rows.get('a')!, stateName: 'abnormal' as const, stateSince: 1_000_600 }
    let open = (): void => {}
    database.gate = new Promise(resolve => open = resolve)
    states.apply(account, { kind: 'success' })
    rows.set('a', elsewhere)
    open()
    await states.flush()
    expect(rows.get('a')).toEqual(elsewhere)
  })

  it('tells a limit on one model family with its end', async () => {
    const { states, rows, history } = setUp()
    states.apply(poolAccount('a'), { kind: 'limited', reason: 'rate_limited', evidence: '429 rate_limit_error', until: 1_500_000, family: 'opus' })
    await states.flush()
    expect(stateOf(rows.get('a')!)).toMatchObject({ name: 'normal', modelLimits: { opus: 1_500_000 } })
    expect(history[0]).toMatchObject({ fromState: 'normal', toState: 'normal', reason: 'model_limited', evidence: 'opus: 429 rate_limit_error', until: 1_500_000 })
  })

  it('says in its history what made it better', async () => {
    const { states, clock, told } = setUp()
    const account = poolAccount('a')
    states.apply(account, limited(1_010_000))
    clock.time = 1_010_000
    states.apply(account, { kind: 'released' })
    states.apply(account, fault())
    states.apply(account, { kind: 'probe_ok' })
    for (let i = 0; i < 3; i++) states.apply(account, hiccup)
    clock.time += 60_000
    states.apply(account, { kind: 'success' })
    states.apply(account, { kind: 'limited', reason: 'rate_limited', evidence: null, until: clock.time + 1, family: 'opus' })
    clock.time += 1
    states.apply(account, { kind: 'released' })
    await states.flush()
    expect(told().filter(([, , to]) => to === 'normal').map(([, from, , reason]) => [from, reason])).toEqual([
      ['limited', 'time_over'], ['abnormal', 'probe_ok'], ['cooling', 'worked'], ['normal', 'model_limited'], ['normal', 'model_limit_over'],
    ])
  })

  it.each([
    ['short', '401 invalid x-api-key: sk-ant-api03-abcdefghijklmnop'],
    ['long', `${'x'.repeat(250)} Authorization: Bearer abcdefghijklmnop-secret ${'y'.repeat(400)}`],
  ])('leaves no secret in %s evidence, and no more than 300 characters', async (_, evidence) => {
    const { states, rows, history } = setUp()
    const account = poolAccount('a')
    states.apply(account, fault(evidence))
    await states.flush()
    for (const text of [account.state.evidence!, rows.get('a')!.stateEvidence!, history[0]!.evidence!]) {
      expect(text).not.toMatch(/abcdefghijklmnop/)
      expect(text.length).toBeLessThanOrEqual(300)
    }
  })
})

describe('a database that is away', () => {
  it('gets everything once it is back, each change once and in order', async () => {
    const { states, rows, history, database, clock, told } = setUp()
    const account = poolAccount('a')
    database.away = true
    states.apply(account, limited(1_010_000))
    await states.flush()
    clock.time = 1_010_000
    states.apply(account, { kind: 'released' })
    states.apply(account, fault())
    await vi.advanceTimersByTimeAsync(3_500)
    expect([rows.size, history.length]).toEqual([0, 0])
    database.away = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stateOf(rows.get('a')!)).toEqual(account.state)
    expect(told()).toEqual([['a', 'normal', 'limited', 'rate_limited'], ['a', 'limited', 'normal', 'time_over'], ['a', 'normal', 'abnormal', 'unauthorized']])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(history).toHaveLength(3)
  })

  it('that goes away between two lines of the history gets none of them twice', async () => {
    const { states, database, told } = setUp()
    const account = poolAccount('a')
    database.away = true
    states.apply(account, limited(1_010_000))
    states.apply(account, fault())
    await states.flush()
    Object.assign(database, { away: false, linesUntilAway: 1 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told()).toHaveLength(1)
    database.linesUntilAway = Infinity
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told()).toEqual([['a', 'normal', 'limited', 'rate_limited'], ['a', 'limited', 'abnormal', 'unauthorized']])
  })

  it('for one account keeps no other waiting', async () => {
    const { states, rows, database } = setUp()
    database.refuses = 'a'
    states.apply(poolAccount('a'), fault())
    states.apply(poolAccount('b'), fault())
    await states.flush()
    expect([...rows.keys()]).toEqual(['b'])
    database.refuses = ''
    await vi.advanceTimersByTimeAsync(1_000)
    expect([...rows.keys()]).toEqual(['b', 'a'])
  })

  it('loses nothing that happens while a change is being written', async () => {
    const { states, rows, database, told } = setUp()
    const [a, b] = [poolAccount('a'), poolAccount('b')]
    let open = (): void => {}
    database.gate = new Promise(resolve => open = resolve)
    states.apply(a, limited(1_010_000))
    await vi.advanceTimersByTimeAsync(0)
    states.apply(a, fault())
    states.apply(b, fault())
    open()
    await states.stop()
    expect(stateOf(rows.get('a')!)).toEqual(a.state)
    expect(stateOf(rows.get('b')!)).toEqual(b.state)
    expect(told()).toHaveLength(3)
  })
})

describe('a row that is read while a change waits', () => {
  it('gives way to the change', () => {
    const { states, database } = setUp()
    database.away = true
    const account = poolAccount('a')
    states.apply(account, fault())
    expect(states.reconcile('a', normalState(999_999))).toBe(account.state)
    expect(states.reconcile('other', normalState(5))).toEqual(normalState(5))
  })

  it('wins when it is newer, and is not written over: the change is history only', async () => {
    const { states, database, rows, told } = setUp()
    database.away = true
    states.apply(poolAccount('a'), fault())
    await states.flush()
    const byHand = normalState(1_000_001)
    expect(states.reconcile('a', byHand)).toBe(byHand)
    database.away = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(rows.has('a')).toBe(false)
    expect(told()).toEqual([['a', 'normal', 'abnormal', 'unauthorized']])
  })
})
