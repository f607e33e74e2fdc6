import { DEFAULT_PRICE_SORT } from '#shared/schemas/price'
import { invalidField } from '../lib/errors'
import type { PriceEntry } from './prices'

/** A price's place in the order; those of the same value are told apart by the model. */
const values: Record<string, (entry: PriceEntry) => string | number> = {
  model: entry => entry.model,
  kind: entry => entry.kind,
  input: entry => entry.prices.base.input,
  output: entry => entry.prices.base.output,
}

interface Position { value: string | number, model: string }

/** One page of prices that are held in memory. Throws `validation` for a cursor of another order. */
export function pricePage(entries: PriceEntry[], { sort = DEFAULT_PRICE_SORT, cursor, limit }: { sort?: string, cursor?: string, limit: number }) {
  const sign = sort.startsWith('-') ? -1 : 1
  const valueOf = values[sort.replace(/^-/, '')]
  if (!valueOf) throw invalidField('sort', 'errors.invalid')
  const positionOf = (entry: PriceEntry): Position => ({ value: valueOf(entry), model: entry.model })
  const compare = (a: Position, b: Position): number => sign * (order(a.value, b.value) || order(a.model, b.model))
  const from = cursor === undefined ? null : readCursor(cursor, sort)
  const found = entries.map(entry => ({ entry, at: positionOf(entry) })).filter(({ at }) => !from || compare(at, from) > 0).sort((a, b) => compare(a.at, b.at))
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return { entries: page.map(({ entry }) => entry), nextCursor: found.length > limit && last ? cursorOf(sort, last.at) : null }
}

const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

const cursorOf = (sort: string, { value, model }: Position): string => `${sort}.${Buffer.from(JSON.stringify([value, model])).toString('base64url')}`

function readCursor(text: string, sort: string): Position {
  const [, of, encoded = ''] = /^(-?\w+)\.([\w-]+)$/.exec(text) ?? []
  const [, value, model] = /^\[("(?:[^"\\]|\\.)*"|\d+),("(?:[^"\\]|\\.)*")\]$/.exec(of === sort ? Buffer.from(encoded, 'base64url').toString() : '') ?? []
  if (value === undefined || model === undefined) throw invalidField('cursor', 'errors.cursor')
  return { value: JSON.parse(value) as string | number, model: JSON.parse(model) as string }
}
