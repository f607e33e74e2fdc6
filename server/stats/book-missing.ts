import type { RollUps } from '../billing/rollups'
import type { Repos } from '../db/repos/index'
import type { Standing } from '../db/repos/usage-repair'
import type { Clock } from '../lib/clock'

const MAX_LOOKS = 50

/** What the roll-ups lack, if they stand as `seen`; null when nothing. */
export type Look = (seen: Standing) => Promise<Partial<RollUps> | null>

/** Looks, and looks again, until what it saw was still so when it was booked. Answers what was booked. */
export async function bookMissing({ repos, clock }: { repos: Pick<Repos, 'usageRepair'>, clock: Clock }, look: Look): Promise<Partial<RollUps> | null> {
  for (let tried = 0; tried < MAX_LOOKS; tried++) {
    const seen = await repos.usageRepair.standing(clock.now())
    const lacking = await look(seen)
    if (!lacking || await repos.usageRepair.book(lacking, seen, clock.now())) return lacking
  }
  throw new Error('the roll-ups were being repaired by others all the time')
}
