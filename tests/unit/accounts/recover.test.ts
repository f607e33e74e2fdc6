import { describe, expect, it, vi } from 'vitest'
import type { AccountDirectory } from '#server/accounts/directory'
import { recoverAccounts } from '#server/accounts/recover'
import type { AccountStates } from '#server/accounts/states'
import type { AccountState, PoolAccount } from '#server/platforms/platform'
import type { Probe } from '#server/relay/probe'
import { nextState, normalState, type StateEvent } from '#server/scheduler/state'
import { handClock, poolAccount } from '../../helpers/pool'

const NOW = 1_000_000
const state = (over: Partial<AccountState>): { state: AccountState } => ({ state: { ...normalState(0), ...over } })
const limited = (id: string, until: number) => poolAccount(id, state({ name: 'limited', reason: 'rate_limited', until, failures: 1 }))
const abnormal = (id: string, nextProbe: number, over: Partial<PoolAccount> = {}) => poolAccount(id, { ...state({ name: 'abnormal', reason: 'unauthorized', nextProbe, failures: 1 }), ...over })

function setUp(accounts: PoolAccount[]) {
  const clock = handClock(NOW)
  const probed: string[] = []
  const well = new Set<string>()
  const byId = new Map(accounts.map(account => [account.id, account]))
  const pool: Pick<AccountDirectory, 'all' | 'get'> = { all: () => [...byId.values()], get: id => byId.get(id) }
  const flush = vi.fn(async () => {})
  const changes: string[] = []
  const states = {
    flush,
    apply(account: PoolAccount, event: StateEvent) {
      const to = nextState(account.state, event, clock.now())
      if (to !== account.state) changes.push(`${account.id}: ${event.kind}`)
      account.state = to
    },
  }
  const probe = vi.fn<Probe>(async (id) => {
    probed.push(id)
    return byId.has(id) ? { ok: well.has(id), status: 401, ms: 1, model: 'm', probe: 'messages' as const, message: well.has(id) ? '' : 'authentication_error: no' } : null
  })
  const run = (signal = new AbortController().signal) => recoverAccounts({ pool: pool as AccountDirectory, states: states as unknown as AccountStates, probe, clock, signal })
  return { clock, probed, probe, well, byId, flush, changes, run }
}

describe('recovering accounts', () => {
  it('releases limits whose time is over, and no other', async () => {
    const [over, running] = [limited('over', NOW), limited('running', NOW + 1)]
    const family = poolAccount('family', state({ modelLimits: { opus: NOW, sonnet: NOW + 1 } }))
    const { run, probed } = setUp([over, running, family])
    expect(await run()).toBe('2 released, 0 probed, 0 recovered')
    expect([over.state.name, running.state.name]).toEqual(['normal', 'limited'])
    expect(family.state.modelLimits).toEqual({ sonnet: NOW + 1 })
    expect(probed).toEqual([])
  })

  it('probes abnormal accounts that are due and enabled, in the cheapest way, and waits for the result to be written', async () => {
    const { run, probed, probe, well, byId, flush } = setUp([abnormal('due', NOW), abnormal('later', NOW + 1), abnormal('off', NOW, { enabled: false }), poolAccount('well'), limited('limited', NOW + 1)])
    well.add('due')
    expect(await run()).toBe('0 released, 1 probed, 1 recovered')
    expect(probed).toEqual(['due'])
    expect(probe).toHaveBeenCalledWith('due', { cheap: true })
    expect(byId.get('due')!.state).toMatchObject({ name: 'normal', failures: 0, nextProbe: null })
    expect(flush).toHaveBeenCalledOnce()
  })

  it('asks a broken account less and less often, and keeps its reason with the newest evidence', async () => {
    const account = abnormal('a', NOW)
    const { run, clock, probed } = setUp([account])
    const waits: number[] = []
    for (let minute = 0; minute < 240; minute++) {
      const before = probed.length
      await run()
      if (probed.length > before) waits.push((account.state.nextProbe! - clock.now()) / 60_000)
      clock.time += 60_000
    }
    expect(waits.slice(0, 7)).toEqual([2, 4, 8, 16, 30, 30, 30])
    expect(account.state).toMatchObject({ name: 'abnormal', reason: 'unauthorized', evidence: 'authentication_error: no' })
  })

  it('changes nothing in a second run at once', async () => {
    const { run, changes, probed } = setUp([limited('over', NOW), abnormal('due', NOW), poolAccount('family', state({ modelLimits: { opus: NOW } }))])
    await run()
    const [first, asked] = [[...changes], probed.length]
    expect(await run()).toBe('0 released, 0 probed, 0 recovered')
    expect([changes, probed.length]).toEqual([first, asked])
  })

  it('begins no more probes once it is told to end', async () => {
    const { run, probe, probed } = setUp([abnormal('one', NOW), abnormal('two', NOW)])
    const end = new AbortController()
    probe.mockImplementation(async (id) => {
      probed.push(id)
      end.abort()
      return { ok: true, status: 200, ms: 1, model: 'm', probe: 'messages', message: '' }
    })
    expect(await run(end.signal)).toBe('0 released, 1 probed, 1 recovered')
    expect(probed).toEqual(['one'])
  })

  it('leaves an account alone that was put right by hand or deleted during the probe', async () => {
    const [reset, gone] = [abnormal('reset', NOW), abnormal('gone', NOW)]
    const { run, byId, probe } = setUp([reset, gone])
    probe.mockImplementation(async (id) => {
      if (id === 'reset') reset.state = normalState(NOW)
      else byId.delete(id)
      return { ok: false, status: 401, ms: 1, model: 'm', probe: 'messages' as const, message: 'no' }
    })
    await run()
    expect([reset.state, gone.state.failures]).toEqual([normalState(NOW), 1])
  })
})
