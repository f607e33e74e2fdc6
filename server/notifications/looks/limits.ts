import { endOfPeriod, spansOf, type Period } from '#shared/utils/period'
import type { ApiKeyRow, ApiKeysRepo } from '../../db/repos/api-keys'
import type { SpendRepo } from '../../db/repos/spend'
import { readKeyLimits, type KeyLimits } from '../../keys/limits'
import type { Occasion } from './look'

/** Share of a limit from which its owner is told. */
const NEAR = 0.8
const KEYS_AT_ONCE = 200

const kinds = {
  daily: { cap: 'dailyNano', span: 'day' },
  weekly: { cap: 'weeklyNano', span: 'week' },
  monthly: { cap: 'monthlyNano', span: 'month' },
  total: { cap: 'totalNano', span: 'total' },
} as const satisfies Record<string, { cap: keyof KeyLimits, span: Period | 'total' }>

export interface LimitsLook {
  apiKeys: Pick<ApiKeysRepo, 'limitedUsedSince'>
  spend: Pick<SpendRepo, 'sums'>
  /** Keys used since then are looked at; epoch-ms. */
  since: number
  now: number
  timeZone: string
}

/** Cost limits of keys that are used up, or nearly so, by what the ledger has booked. */
export async function lookAtLimits({ apiKeys, spend, since, now, timeZone }: LimitsLook): Promise<Occasion[]> {
  const limited = (await apiKeys.limitedUsedSince(since)).flatMap(withLimits)
  const spans = spansOf(now, timeZone)
  const occasions: Occasion[] = []
  for (let at = 0; at < limited.length; at += KEYS_AT_ONCE) {
    const some = limited.slice(at, at + KEYS_AT_ONCE)
    const sums = await spend.sums('key', some.map(({ key }) => key.id), spans)
    for (const { key, limits } of some) {
      for (const [limit, { cap, span }] of Object.entries(kinds) as [keyof typeof kinds, typeof kinds[keyof typeof kinds]][]) {
        const capNano = limits[cap]
        const usedNano = sums.get(key.id)?.[span] ?? 0
        if (!capNano || usedNano < capNano * NEAR) continue
        const event = usedNano >= capNano ? 'limit_reached' : 'limit_near'
        const resetsAt = span === 'total' ? null : endOfPeriod(span, now, timeZone)
        const facts = { event, at: now, key: { id: key.id, name: key.name }, limit, usedNano, capNano, resetsAt } as const
        occasions.push({ event, subject: `key:${key.id}:${limit}`, audience: { ownerId: key.ownerId }, episode: span === 'total' ? `cap:${capNano}` : spans[span], facts })
      }
    }
  }
  return occasions
}

/** A key whose limits cannot be read is refused altogether and has none to tell of. */
function withLimits(key: ApiKeyRow): { key: ApiKeyRow, limits: KeyLimits }[] {
  const limits = readKeyLimits(key.limits)
  return limits ? [{ key, limits }] : []
}
