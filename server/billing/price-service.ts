import type { PriceImportInput, PriceListQuery, PriceSetInput } from '#shared/schemas/price'
import type { PriceBookView, PriceVersionView, PriceView, WaitingModelView } from '#shared/types/price'
import { problem } from '#shared/schemas/errors'
import type { Repos } from '../db/repos/index'
import type { NewPrice, PriceRow } from '../db/repos/prices'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { invalid, notFound } from '../lib/errors'
import { newId } from '../lib/id'
import { requireAdmin, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { builtInPrices } from './built-in-prices'
import { readPrices, writePrices } from './price-columns'
import type { PriceDirectory } from './price-directory'
import { pricePage } from './price-list'
import { pricesOf, pricesView, priceView } from './price-view'
import { allEntries } from './prices'

export interface PricesDeps {
  repos: Pick<Repos, 'prices' | 'unpriced' | 'users'>
  clock: Clock
  changes: Changes
  audit: Audit
  directory: PriceDirectory
  /** Called after a price came or went; what can be priced now is priced in the background. */
  repriceSoon: () => void
}

const HISTORY_ROWS = 100

/** The price book as admins see and change it. */
export function createPricesService({ repos, clock, changes, audit, directory, repriceSoon }: PricesDeps) {
  const current = (model: string): PriceView | null => {
    const entry = directory.own().find(each => each.model === model)
    return entry ? priceView(entry) : null
  }
  const target = (name: string) => ({ type: 'price' as const, id: null, name: name.slice(0, 100) })

  function rowFor({ model, ...fields }: PriceSetInput, about: Pick<NewPrice, 'kind' | 'source' | 'createdBy'>): NewPrice {
    const id = newId()
    return { id, model, price: writePrices(pricesOf(fields)), version: `own-${id}`, createdAt: clock.now(), ...about }
  }

  async function put(actor: Actor, rows: NewPrice[]): Promise<void> {
    await repos.prices.put(rows, { at: clock.now(), by: actor.id })
    await changes.emit('price', rows[0]?.id ?? 'none')
    repriceSoon()
  }

  async function versions(rows: PriceRow[]): Promise<PriceVersionView[]> {
    const names = await repos.users.names([...new Set(rows.flatMap(row => [row.createdBy, row.deletedBy]).filter(id => id !== null))])
    return rows.map(row => ({
      id: row.id, model: row.model, kind: row.kind, source: row.source, version: row.version,
      createdAt: row.createdAt, createdByName: names.get(row.createdBy ?? '') ?? null,
      endedAt: row.deletedAt,
      endedByName: names.get(row.deletedBy ?? '') ?? null,
      ...pricesView(readPrices(row)),
    }))
  }

  return {
    list(actor: Actor, { q, kind, ...page }: Omit<PriceListQuery, 'sort'> & { sort?: string }): PriceBookView {
      requireAdmin(actor)
      const wanted = q?.toLowerCase() ?? ''
      const found = allEntries(directory.own()).filter(entry => (kind === undefined || entry.kind === kind) && entry.model.toLowerCase().includes(wanted))
      const { entries, nextCursor } = pricePage(found, page)
      return {
        items: entries.map(priceView),
        nextCursor,
        version: directory.version,
        builtInVersion: builtInPrices().version,
      }
    },

    /** Models without a price, those that most tokens wait for first. */
    async waiting(actor: Actor): Promise<WaitingModelView[]> {
      requireAdmin(actor)
      return (await repos.unpriced.waiting()).sort((a, b) => b.tokens - a.tokens)
    },

    /** Sets the price of a model or pattern in the place of what it had. */
    async set(actor: Actor, input: PriceSetInput): Promise<PriceView> {
      requireAdmin(actor)
      const before = current(input.model)
      await put(actor, [rowFor(input, { kind: 'own', source: null, createdBy: actor.id })])
      const after = current(input.model)
      if (!after) throw new Error('a price that was just set is not in force')
      await audit(actor, { action: before ? 'price.update' : 'price.create', target: target(input.model), before, after })
      return after
    },

    /** Ends an own price; the built-in one, if there is one, counts again. */
    async remove(actor: Actor, id: string): Promise<void> {
      requireAdmin(actor)
      const row = await repos.prices.get(id)
      if (!row || !await repos.prices.end(row.model, { at: clock.now(), by: actor.id })) throw notFound('price')
      await changes.emit('price', id)
      repriceSoon()
      await audit(actor, { action: 'price.delete', target: target(row.model), before: { model: row.model, kind: row.kind, ...pricesView(readPrices(row)) } })
    },

    /** Takes over prices that a preview showed, all or none. Answers how many. */
    async import(actor: Actor, { source, prices }: PriceImportInput): Promise<{ imported: number }> {
      requireAdmin(actor)
      const models = prices.map(({ model }) => model)
      const twice = models.findIndex((model, at) => models.indexOf(model) !== at)
      if (twice >= 0) throw invalid([problem(`prices.${twice}.model`, 'errors.priceTwice')])
      const pattern = models.findIndex(model => model.includes('*'))
      if (pattern >= 0) throw invalid([problem(`prices.${pattern}.model`, 'errors.pricePattern')])
      await put(actor, prices.map(price => rowFor(price, { kind: 'import', source, createdBy: actor.id })))
      await audit(actor, { action: 'price.import', target: target(source), after: { source, count: prices.length, models: models.slice(0, 200) } })
      return { imported: prices.length }
    },

    /** Every price that a model or pattern had, newest first, at most a hundred. */
    async history(actor: Actor, model: string): Promise<PriceVersionView[]> {
      requireAdmin(actor)
      return versions(await repos.prices.history(model, HISTORY_ROWS))
    },

    /** What the rows with this price version were priced by. */
    async version(actor: Actor, version: string, model: string | undefined): Promise<PriceVersionView[]> {
      requireAdmin(actor)
      const rows = await repos.prices.byVersion(version)
      const name = model === undefined ? undefined : directory.canonical(model) ?? model
      return versions(rows.filter(row => name === undefined || row.model === name || row.kind !== 'builtin'))
    },
  }
}

export type PricesService = ReturnType<typeof createPricesService>
