import type { priceKinds } from '#shared/schemas/price'

/** Answers about prices. USD per million tokens as decimal strings, exact. */

export interface FivePrices {
  input: string
  output: string
  cacheRead: string
  cacheWrite5m: string
  cacheWrite1h: string
}

export interface PricesView extends FivePrices {
  /** Null: fast mode costs the same. */
  fast: FivePrices | null
  /** Null: a long prompt costs no more per token. */
  longPrompt: FivePrices & { above: number } | null
  /** USD for one. */
  webSearch: string
}

export type PriceKind = (typeof priceKinds)[number]

/** A price in force. */
export interface PriceView extends PricesView {
  /** Null: built in. */
  id: string | null
  /** Exact name, or pattern with `*`. */
  model: string
  kind: PriceKind
  version: string
  /** Is there a built-in price below an own one? */
  hidesBuiltIn: boolean
}

/** A price that was or is in force. */
export interface PriceVersionView extends PricesView {
  id: string
  model: string
  kind: PriceKind
  /** Of an import: the file or address. */
  source: string | null
  version: string
  createdAt: number
  createdByName: string | null
  /** Null: still in force. */
  endedAt: number | null
  endedByName: string | null
}

/** A model without a price, and what waits for it. */
export interface WaitingModelView {
  model: string
  rows: number
  tokens: number
  firstAt: number
  lastAt: number
}

export interface PriceBookView {
  items: PriceView[]
  nextCursor: string | null
  /** Of the whole book. */
  version: string
  /** Of the built-in list. */
  builtInVersion: string
}

export const previewStatuses = ['new', 'changed', 'unchanged', 'refused'] as const
export type PreviewStatus = (typeof previewStatuses)[number]

export type RefusalReason = 'notChat' | 'noPrice' | 'zeroPrice' | 'inexact' | 'tooBig' | 'tiers' | 'steps' | 'badName' | 'badEntry' | 'ambiguous'

/** One entry of a price file against what is in force now. */
export interface PreviewRow {
  /** Name in the file. */
  name: string
  /** Name that it would have here. */
  model: string
  provider: string | null
  status: PreviewStatus
  /** Of what cannot be taken. */
  reason: RefusalReason | null
  /** Field and text that the reason is about. */
  detail: string | null
  prices: PricesView | null
  /** In force now, of the same name. */
  current: PricesView & { kind: PriceKind } | null
}

export interface PricePreview {
  source: string
  rows: PreviewRow[]
}
