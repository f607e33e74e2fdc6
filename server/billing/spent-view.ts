import type { UsageView } from '#shared/types/api'
import { nanoToUsd } from '#shared/utils/money'
import { endOfPeriod, spansOf, type Period } from '#shared/utils/period'
import type { Repos } from '../db/repos/index'
import type { SpendScope } from '../db/repos/spend'

/** Use of keys or accounts by id, as the API tells it. `timeZone`: where days begin. */
export async function spentViews(repos: Pick<Repos, 'spend'>, scope: SpendScope, ids: string[], { now, timeZone }: { now: number, timeZone: string }): Promise<(id: string) => UsageView> {
  const sums = await repos.spend.sums(scope, ids, spansOf(now, timeZone))
  const view = (usedNano: number, resetsAt: number | null) => ({ usedUsd: nanoToUsd(usedNano), usedNano, resetsAt })
  return (id) => {
    const spent = sums.get(id) ?? nothing
    const period = (name: Period) => view(spent[name], endOfPeriod(name, now, timeZone))
    return { day: period('day'), week: period('week'), month: period('month'), total: view(spent.total, null), requestsToday: spent.requestsToday, requestsWeek: spent.requestsWeek }
  }
}

const nothing = { day: 0, week: 0, month: 0, total: 0, requestsToday: 0, requestsWeek: 0 }
