import type { ServiceState, StatusView } from '#shared/types/status'
import { startOfHour } from '#shared/utils/period'
import type { AccountDirectory } from '../accounts/directory'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { notFound } from '../lib/errors'
import type { PoolAccount } from '../platforms/platform'
import { obstacle } from '../scheduler/choose'
import type { MissingModels } from '../scheduler/missing-models'

const HOUR = 3_600_000
const HOURS = 24
const MAX_MODELS = 12
const MODELS_UNUSED = 6
/** Newest log rows whose times are looked at. */
const SAMPLE = 1_000
const KEEP_MS = 15_000

export interface StatusDeps {
  repos: Pick<Repos, 'usage' | 'logs'>
  pool: Pick<AccountDirectory, 'all'>
  missing: MissingModels
  /** What patterns and empty lists are spelled out by. */
  knownModels: readonly string[]
  clock: Clock
  /** May visitors see it? */
  shown(): boolean
}

/** The public status page's data. Looked at once in some seconds, however many ask, so that strangers cannot load the database. */
export function createStatus({ repos, pool, missing, knownModels, clock, shown }: StatusDeps) {
  let kept: { until: number, view: Promise<StatusView> } | null = null

  /** An account that cannot have the model at all does not count; null: none can. */
  function stateOf(model: string, accounts: readonly PoolAccount[], now: number): ServiceState | null {
    const found = accounts.map(account => obstacle(account, { model, tried: new Set(), lacks: missing.lacks, now })?.reason ?? null)
    const having = found.filter(reason => reason !== 'disabled' && reason !== 'model' && reason !== 'model_missing')
    if (having.length === 0) return null
    const able = having.filter(reason => reason === null).length
    return able === 0 ? 'down' : able * 2 < having.length ? 'degraded' : 'up'
  }

  /** Only names that an account has: what clients ask for in error is nobody's business. */
  async function modelsOf(from: number, now: number): Promise<StatusView['models']> {
    const accounts = pool.all()
    const { groups } = await repos.usage.by('model', { from, to: startOfHour(now) + HOUR }, { order: 'requests', limit: 5 * MAX_MODELS })
    const listed = new Set([...knownModels, ...accounts.flatMap(({ models, modelMap }) => [...models, ...Object.keys(modelMap)])])
    const stated = (names: readonly string[], limit: number) => names.flatMap((model) => {
      const state = stateOf(model, accounts, now)
      return state ? [{ model, state }] : []
    }).slice(0, limit)
    const used = stated(groups.map(({ id }) => id).filter(id => listed.has(id)), MAX_MODELS)
    return used.length > 0 ? used : stated(knownModels, MODELS_UNUSED)
  }

  async function look(now: number): Promise<StatusView> {
    const from = startOfHour(now) - (HOURS - 1) * HOUR
    const [models, byHour, times] = await Promise.all([modelsOf(from, now), repos.usage.byHour({ from, to: startOfHour(now) + HOUR }), repos.logs.firstBytes(from, SAMPLE)])
    const rate = ({ requests, errors }: { requests: number, errors: number }) => (requests > 0 ? errors / requests : null)
    const hours = new Map(byHour.map(row => [row.hour, rate(row)]))
    const total = byHour.reduce((sum, { requests, errors }) => ({ requests: sum.requests + requests, errors: sum.errors + errors }), { requests: 0, errors: 0 })
    return {
      at: now,
      state: overall(models.map(({ state }) => state)),
      models,
      firstByte: times.length > 0 ? { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) } : null,
      errorRate: rate(total),
      hours: Array.from({ length: HOURS }, (_, index) => ({ at: from + index * HOUR, errorRate: hours.get(from + index * HOUR) ?? null })),
    }
  }

  /** Throws `not_found` while the page is off. */
  return async function status(): Promise<StatusView> {
    if (!shown()) throw notFound('path')
    const now = clock.now()
    if (!kept || kept.until <= now) {
      const view = look(now)
      kept = { until: now + KEEP_MS, view }
      // What failed is not kept.
      view.catch(() => {
        if (kept?.view === view) kept = null
      })
    }
    return kept.view
  }
}

export type Status = ReturnType<typeof createStatus>

function overall(states: readonly ServiceState[]): ServiceState {
  if (states.every(state => state === 'down')) return 'down'
  return states.every(state => state === 'up') ? 'up' : 'degraded'
}

/** The smallest value that at least this part of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0
}
