import type { KeyFacts } from '../keys/principal'
import type { RelayError } from '../relay/errors'
import clientAllowed from './client-allowed'
import concurrency from './concurrency'
import costDaily from './cost-daily'
import costMonthly from './cost-monthly'
import costTotal from './cost-total'
import costWeekly from './cost-weekly'
import ipAllowed from './ip-allowed'
import keyActive from './key-active'
import type { AdmitContext, Limit, Shortage, Wanted } from './limit'
import modelAllowed from './model-allowed'
import requestsPerMinute from './requests-per-minute'

/** Every limit, in the order of checking. */
export const limits: readonly Limit[] = [keyActive, ipAllowed, clientAllowed, modelAllowed, costTotal, costMonthly, costWeekly, costDaily, concurrency, requestsPerMinute]

/** A limit that a key has, with its settings. */
interface Rule { limit: Limit, settings: unknown }

interface Rules {
  key: readonly Rule[]
  request: readonly Rule[]
  /** Limits whose settings can't be read. */
  broken: readonly string[]
}

/** A changed key is another object. */
const known = new WeakMap<KeyFacts, Rules>()

function rulesOf(key: KeyFacts): Rules {
  let rules = known.get(key)
  if (!rules) known.set(key, rules = compile(key))
  return rules
}

function compile(key: KeyFacts): Rules {
  const rules: Rule[] = []
  const broken: string[] = []
  for (const limit of limits) {
    const raw = limit.settings(key)
    if (raw === undefined) continue
    const parsed = limit.schema.safeParse(raw)
    if (parsed.success) rules.push({ limit, settings: parsed.data })
    else broken.push(limit.id)
  }
  const of = (phase: Limit['phase']) => rules.filter(({ limit }) => limit.phase === phase)
  return { key: of('key'), request: of('request'), broken }
}

/** Ids of the limits whose settings on this key can't be read: the key must be refused. */
export const brokenLimits = (key: KeyFacts): readonly string[] => rulesOf(key).broken

/** What a request wants of the kv, and who words the refusal. */
export interface Demand {
  wanted: Wanted
  refuse(shortage: Shortage, timeZone: string): RelayError
}

/** Throws the RelayError of the first limit of that phase that refuses. Gives what has to be claimed, or null. */
export function admit(phase: Limit['phase'], context: AdmitContext): Demand | null {
  let demand: { by: Rule, wants: Wanted }[] | null = null
  for (const rule of rulesOf(context.principal.key)[phase]) {
    const said = rule.limit.check(context, rule.settings)
    if (said === null) continue
    if (!('wants' in said)) throw said
    demand ??= []
    demand.push({ by: rule, wants: said.wants })
  }
  return demand && demandOf(demand, context)
}

function demandOf(all: { by: Rule, wants: Wanted }[], context: AdmitContext): Demand {
  const caps = Object.assign({}, ...all.map(({ wants }) => wants.caps)) as NonNullable<Wanted['caps']>
  const first = <K extends 'rate' | 'places'>(name: K) => all.find(({ wants }) => wants[name] !== undefined)?.wants[name] ?? null
  return {
    wanted: { rate: first('rate'), places: first('places'), caps: Object.keys(caps).length > 0 ? caps : null },
    refuse(shortage, timeZone) {
      const meant = all.find(({ wants }) => shortage.result === 'cap' ? wants.caps?.[shortage.period] !== undefined : wants[shortage.result === 'rate' ? 'rate' : 'places'] !== undefined)
      if (!meant?.by.limit.refuse) throw new TypeError(`no limit wanted what was refused: ${shortage.result}`)
      return meant.by.limit.refuse(context, meant.by.settings, shortage, timeZone)
    },
  }
}
