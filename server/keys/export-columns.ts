import type { KeyView } from '#shared/types/api'
import { localIso } from '#shared/utils/period'
import type { ExportColumn } from '../lib/export-file'

const fields = ['id', 'name', 'ownerName', 'groupName', 'prefix', 'lastFour', 'enabled', 'expiresInDays'] as const satisfies (keyof KeyView)[]
const times = ['createdAt', 'expiresAt', 'firstUsedAt', 'lastUsedAt'] as const satisfies (keyof KeyView)[]
const lists = ['models', 'ipAllow', 'clients'] as const satisfies (keyof KeyView)[]
const limits = ['dailyUsd', 'weeklyUsd', 'monthlyUsd', 'totalUsd', 'requestsPerMinute', 'concurrency'] as const satisfies (keyof KeyView['limits'])[]
const periods = ['day', 'week', 'month', 'total'] as const satisfies (keyof KeyView['usage'])[]

const column = (name: string, value: ExportColumn<KeyView>['value']): ExportColumn<KeyView> => ({ name, value })

/** Keys as columns of a CSV file: settings, limits and use, never the key itself. Times are of `zone`, amounts USD. */
export const keyColumns = (zone: string): ExportColumn<KeyView>[] => [
  ...fields.map(name => column(name, key => key[name])),
  ...times.map(name => column(name, ({ [name]: at }) => at && localIso(at, zone))),
  ...lists.map(name => column(name, key => key[name].join(' '))),
  ...limits.map(name => column(`limits.${name}`, key => key.limits[name])),
  ...periods.map(name => column(`usage.${name}.usedUsd`, key => key.usage[name].usedUsd)),
]
