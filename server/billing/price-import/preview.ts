import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { priceModelField } from '#shared/schemas/price'
import type { PreviewRow, RefusalReason } from '#shared/types/price'
import { JsonFault, scanEntries } from '../../lib/json-scan'
import { pricesView, samePrices } from '../price-view'
import type { PriceBook } from '../prices'
import { readEntry, type EntryReading } from './litellm-entry'

/** The text is no JSON object; `message` says where and why. */
export class PriceFileError extends Error {
  override name = 'PriceFileError'
}

export interface PreviewOptions {
  /** `plain`: without what stands before the last slash (`zai/glm-4.6` is `glm-4.6`). */
  names: 'full' | 'plain'
}

interface Candidate { name: string, model: string, reading: EntryReading }

/** Explains the format; not a model. */
const SAMPLE = 'sample_spec'
/** Work done in one go before others get their turn. */
const SLICE_MS = 8

/**
 * Compares a LiteLLM `model_prices_and_context_window.json` with the prices in force. `text`: its bytes read as latin1.
 * Gives the thread away between slices. Throws {@link PriceFileError}.
 */
export async function previewOf(text: string, book: PriceBook, { names }: PreviewOptions): Promise<PreviewRow[]> {
  const pause = pacer()
  const candidates = await readCandidates(text, names, pause)
  const chosen = oneForEach(candidates)
  const rows: PreviewRow[] = []
  for (const candidate of candidates) {
    rows.push(rowOf(candidate, chosen.get(candidate.model) ?? null, book))
    await pause()
  }
  return rows
}

/** Of a repeated name the last entry counts. */
async function readCandidates(text: string, names: PreviewOptions['names'], pause: Pause): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>()
  try {
    for (const [name, span] of scanEntries(text)) {
      if (name !== SAMPLE) candidates.set(name, { name, model: names === 'plain' ? name.slice(name.lastIndexOf('/') + 1) : name, reading: readEntry(text.slice(...span)) })
      await pause()
    }
  }
  catch (error) {
    if (error instanceof JsonFault) throw new PriceFileError(`${error.message} (at byte ${error.at})`, { cause: error })
    throw error
  }
  return [...candidates.values()]
}

/** Of entries that would have the same name: the one that is called so already, else the first if all agree, else none. */
function oneForEach(candidates: readonly Candidate[]): Map<string, Candidate | null> {
  const chosen = new Map<string, Candidate | null>()
  for (const candidate of candidates) {
    const { name, model, reading } = candidate
    if ('reason' in reading && name !== model) continue
    const other = chosen.get(model)
    if (other === undefined || name === model) chosen.set(model, candidate)
    else if (other && other.name !== model && !agree(other, candidate)) chosen.set(model, null)
  }
  return chosen
}

const agree = (a: Candidate, b: Candidate): boolean =>
  'prices' in a.reading && 'prices' in b.reading && samePrices(a.reading.prices, b.reading.prices)

function rowOf(candidate: Candidate, chosen: Candidate | null, book: PriceBook): PreviewRow {
  const { name, model, reading } = candidate
  const row = { name, model, provider: reading.provider, prices: null, current: null, reason: null, detail: null }
  const refused = (reason: RefusalReason, detail: string | null): PreviewRow => ({ ...row, status: 'refused', reason, detail })
  if ('reason' in reading) return refused(reading.reason, reading.detail)
  if (model.includes('*') || !priceModelField.safeParse(model).success) return refused('badName', null)
  if (chosen !== candidate) return refused('ambiguous', chosen?.name ?? null)
  const now = book.find(model)
  const named = now && !now.model.includes('*') ? now : null
  const prices = pricesView(reading.prices)
  if (!named) return { ...row, status: 'new', prices }
  return { ...row, status: samePrices(named.prices, reading.prices) ? 'unchanged' : 'changed', prices, current: { kind: named.kind, ...pricesView(named.prices) } }
}

type Pause = () => Promise<void> | undefined

function pacer(): Pause {
  let since = performance.now()
  return () => {
    if (performance.now() - since < SLICE_MS) return
    return turn().then(() => {
      since = performance.now()
    })
  }
}
