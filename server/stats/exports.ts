import type { KeyExportQuery } from '#shared/schemas/key'
import type { LogExportQuery } from '#shared/schemas/log'
import { isTrendStep, MAX_EXPORT_ROWS, type StatsExportQuery } from '#shared/schemas/stats'
import type { LogView } from '#shared/types/api'
import type { StatsBreakdownRow, StatsTrendPoint, UsageAmounts } from '#shared/types/stats'
import { localDate, localIso } from '#shared/utils/period'
import type { Repos } from '../db/repos/index'
import type { KeysService } from '../keys/service'
import { keyColumns } from '../keys/export-columns'
import type { Clock } from '../lib/clock'
import { exportFile, type ExportColumn, type ExportFile } from '../lib/export-file'
import type { Actor } from '../users/actor'
import { createLogsService } from './logs'
import { createStatisticsService } from './statistics'

export interface ExportsDeps {
  repos: Repos
  keys: Pick<KeysService, 'pages'>
  clock: Clock
  timeZone: string
}

/** Keys, logs and statistics as files, of what the caller may see. */
export function createExports({ repos, keys, clock, timeZone }: ExportsDeps) {
  const logs = createLogsService({ repos, clock })
  const statistics = createStatisticsService({ repos, clock, timeZone })
  const date = () => localDate(clock.now(), timeZone)
  const logColumns = logColumnsOf(timeZone)

  return {
    keys(actor: Actor, { format, bom, ...filter }: KeyExportQuery): ExportFile {
      return exportFile(keys.pages(actor, filter), keyColumns(timeZone), { format, bom, name: 'keys', date: date() })
    },

    logs(actor: Actor, { format, bom, ...filter }: LogExportQuery): ExportFile {
      return exportFile(logs.export(actor, filter), logColumns, { format, bom, name: 'logs', date: date() })
    },

    async statistics(actor: Actor, { format, bom, by, ...filters }: StatsExportQuery): Promise<ExportFile> {
      const options = { format, bom, name: `statistics-by-${by}`, date: date() }
      if (isTrendStep(by)) {
        const { items } = await statistics.trend(actor, { ...filters, by, compare: false })
        return exportFile<StatsTrendPoint>(once(items), [{ name: by, value: row => row.label }, ...amountColumns], options)
      }
      const { items } = await statistics.breakdown(actor, { ...filters, by, sort: 'cost', limit: MAX_EXPORT_ROWS })
      return exportFile<StatsBreakdownRow>(once(items), [...breakdownColumns(by === 'session' || by === 'agent', timeZone), ...amountColumns], options)
    },
  }
}

async function* once<T>(rows: T[]): AsyncGenerator<T[]> {
  yield rows
}

const logFields = [
  'requestId', 'upstreamRequestId', 'userName', 'keyId', 'keyName', 'groupName', 'accountId', 'accountName', 'platform', 'model', 'servedModel', 'stream', 'status', 'outcome',
  'errorType', 'errorMessage', 'usageComplete', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'thinkingTokens', 'webSearches',
  'serviceTier', 'speed', 'stopReason', 'priced', 'costUsd', 'billedUsd', 'ttfbMs', 'durationMs', 'clientVersion', 'sessionId', 'agentId', 'ip',
] as const satisfies (keyof LogView)[]

const logColumnsOf = (zone: string): ExportColumn<LogView>[] => [
  { name: 'time', value: row => localIso(row.createdAt, zone) },
  { name: 'startedAt', value: row => localIso(row.startedAt, zone) },
  ...logFields.map(name => ({ name, value: (row: LogView) => row[name] })),
  { name: 'attempts', value: row => row.attempts.filter(attempt => attempt.ms !== null).length },
]

const amountFields = [
  'requests', 'errors', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'totalTokens', 'costUsd', 'billedUsd',
  'averageTtfbMs', 'averageDurationMs',
] as const satisfies (keyof UsageAmounts)[]

const amountColumns: ExportColumn<UsageAmounts>[] = amountFields.map(name => ({ name, value: row => row[name] }))

const breakdownColumns = (sessions: boolean, zone: string): ExportColumn<StatsBreakdownRow>[] => (sessions
  ? [
      { name: 'sessionId', value: row => row.session?.sessionId },
      { name: 'agentId', value: row => row.session?.agentId },
      { name: 'keyId', value: row => row.session?.keyId },
      { name: 'keyName', value: row => row.session?.keyName },
      { name: 'firstAt', value: row => row.session && localIso(row.session.firstAt, zone) },
      { name: 'lastAt', value: row => row.session && localIso(row.session.lastAt, zone) },
    ]
  : [{ name: 'id', value: row => row.id }, { name: 'name', value: row => row.name }])
