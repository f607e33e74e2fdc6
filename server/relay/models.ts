import type { AccountDirectory } from '../accounts/directory'
import { allowsModel } from '#shared/utils/model-pattern'
import { authenticate } from '../keys/authenticate'
import type { KeyDirectory } from '../keys/directory'
import type { Principal } from '../keys/principal'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { admit } from '../limits/index'
import type { MissingModels } from '../scheduler/missing-models'
import type { Ending } from './ending'
import { RelayError } from './errors'
import { sendJson, type Exchange } from './exchange'
import { logExchange } from './line'
import { refuse } from './relay'

export interface ModelsDeps {
  keys: KeyDirectory
  pool: AccountDirectory
  missing: MissingModels
  clock: Clock
  logger: Logger
  /** What patterns and empty lists are spelled out by. */
  knownModels: readonly string[]
}

/** A model as the Models API tells it. */
interface Model {
  type: 'model'
  id: string
  display_name: string
  /** RFC 3339; the epoch when it is not known. */
  created_at: string
}

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000

/** `GET /v1/models` and `/v1/models/:id`: what this key may really use, in the shape of the Models API. Never rejects. */
export async function serveModels(deps: ModelsDeps, exchange: Exchange): Promise<void> {
  let ending: Ending
  try {
    const { req, ip, startedAt: now } = exchange
    const principal = await authenticate(req.headers, ip, deps.keys)
    admit('key', { principal, ip, userAgent: req.headers['user-agent'], now, model: null })
    const models = usableModels(deps, principal).map(describe)
    const [, id] = /^\/v1\/models\/(.+)$/.exec(exchange.path) ?? []
    ending = send(exchange, id === undefined ? page(models, new URLSearchParams(exchange.query)) : one(models, decoded(id)))
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  logExchange(deps.logger, exchange, 'models', ending, null)
}

/** Names that the key's list allows and an enabled account of its pool has, newest known first, then by name. */
export function usableModels({ pool, missing, knownModels }: Pick<ModelsDeps, 'pool' | 'missing' | 'knownModels'>, principal: Principal): string[] {
  const accounts = pool.candidates(principal).filter(({ enabled }) => enabled)
  const named = [...principal.key.models, ...accounts.flatMap(({ models, modelMap }) => [...models, ...Object.keys(modelMap)])].filter(name => !name.includes('*'))
  return [...new Set([...knownModels, ...named.sort()])].filter(model =>
    allowsModel(principal.key.models, model) && accounts.some(account => allowsModel(account.models, model) && !missing.lacks(account, model)))
}

const describe = (id: string): Model => ({ type: 'model', id, display_name: displayName(id), created_at: createdAt(id) })

/** `claude-sonnet-4-5-20250929` → `Claude Sonnet 4.5`; other names stay as they are. */
function displayName(id: string): string {
  const [, before, family, after] = /^claude-(?:(\d+(?:-\d+)?)-)?([a-z]+)(?:-(\d+(?:-\d{1,2})?))?(?:-\d{8})?$/.exec(id) ?? []
  const version = (before ?? after)?.replace('-', '.')
  return family ? ['Claude', family[0]!.toUpperCase() + family.slice(1), version].filter(Boolean).join(' ') : id
}

function createdAt(id: string): string {
  const [, year, month, day] = /-(20\d\d)(\d\d)(\d\d)$/.exec(id) ?? []
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return `${(Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString().slice(0, 19)}Z`
}

function one(models: Model[], id: string): Model {
  const found = models.find(model => model.id === id)
  if (!found) throw new RelayError('model_unknown', `This API key has no model ${id}.`)
  return found
}

/** One page: `limit` models after `after_id`, or before `before_id`. */
function page(models: Model[], query: URLSearchParams) {
  const limit = limitOf(query.get('limit'))
  const [after, before] = [query.get('after_id'), query.get('before_id')]
  const end = before === null ? models.length : indexOf(models, before, 'before_id')
  const start = after === null ? 0 : indexOf(models, after, 'after_id') + 1
  const range = models.slice(start, end)
  const data = before !== null && after === null ? range.slice(-limit) : range.slice(0, limit)
  return { data, has_more: data.length < range.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new RelayError('query_invalid', `limit must be a whole number from 1 to ${MAX_LIMIT}.`)
  return limit
}

function indexOf(models: Model[], id: string, name: string): number {
  const at = models.findIndex(model => model.id === id)
  if (at < 0) throw new RelayError('query_invalid', `${name} names no model of this list.`)
  return at
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  }
  catch {
    return text
  }
}

function send(exchange: Exchange, value: object): Ending {
  sendJson(exchange, value)
  return { status: 200, outcome: 'ok' }
}
