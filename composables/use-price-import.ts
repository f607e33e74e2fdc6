import type { PreviewRow, PreviewStatus, PricePreview } from '#shared/types/price'
import { z } from 'zod'
import { MAX_PRICE_FILE_BYTES, priceUrlSchema } from '#shared/schemas/price'
import { chunksOf } from '#shared/utils/run-all'

/** What the server alone can check. */
const anything = z.unknown()

export const priceImportKey: InjectionKey<ReturnType<typeof usePriceImport>> = Symbol('price-import')

/** Prices taken over by one call, all or none. */
const PIECE = 200

/** Rows of the preview that are drawn at once. */
export const PREVIEW_ROWS = 50

/** The way from a price file to prices in force: choose, look, pick, take over. */
export function usePriceImport() {
  const { t } = useI18n()
  const call = useApi()
  const form = useForm()
  const source = ref<'file' | 'url'>('file')
  const file = shallowRef<File>()
  const url = ref('')
  const allowPrivate = ref(false)
  const plainNames = ref(true)
  const preview = shallowRef<PricePreview>()
  /** Names in the file. */
  const selected = ref(new Set<string>())
  const status = ref<PreviewStatus | ''>('')
  const search = ref('')
  const shownRows = ref(PREVIEW_ROWS)
  const fileProblem = ref<string>()

  const counts = computed(() => {
    const sums: Record<PreviewStatus, number> = { new: 0, changed: 0, unchanged: 0, refused: 0 }
    for (const row of preview.value?.rows ?? []) sums[row.status]++
    return sums
  })
  const { progress, start: startImport, problem } = useProgress(send, { weight: piece => piece.length })
  async function send(piece: { name: string, price: { model: string } }[], signal: AbortSignal): Promise<void> {
    await call('/api/admin/prices/import', { method: 'POST', body: { source: preview.value?.source ?? '', prices: piece.map(({ price }) => price) }, signal })
    for (const { name } of piece) toggle(name, false)
  }
  const found = computed(() => {
    const wanted = search.value.trim().toLowerCase()
    return (preview.value?.rows ?? []).filter(row => (!status.value || row.status === status.value) && `${row.name} ${row.provider ?? ''}`.toLowerCase().includes(wanted))
  })
  const shown = computed(() => found.value.slice(0, shownRows.value))
  const takes = (row: PreviewRow): boolean => row.status === 'new' || row.status === 'changed'
  const foundToTake = computed(() => found.value.filter(takes))
  watch([status, search], () => {
    shownRows.value = PREVIEW_ROWS
  })

  function start(): void {
    form.clear()
    progress.clear()
    preview.value = undefined
    fileProblem.value = undefined
    file.value = undefined
  }

  /** What differs from built-in and own prices is left to the person to pick. */
  function take(answer: PricePreview): void {
    preview.value = answer
    selected.value = new Set(answer.rows.filter(row => row.status === 'new' || (row.status === 'changed' && row.current?.kind === 'import')).map(row => row.name))
    status.value = ''
    search.value = ''
  }

  async function look(): Promise<void> {
    const names = plainNames.value ? 'plain' : 'full'
    fileProblem.value = undefined
    if (source.value === 'url') {
      const body = { url: url.value, allowPrivate: allowPrivate.value, names }
      const answer = await form.submit(priceUrlSchema, body, () => call<PricePreview>('/api/admin/prices/preview/url', { method: 'POST', body }))
      if (answer) take(answer)
      return
    }
    const chosen = file.value
    if (!chosen) return void (fileProblem.value = t('prices.import.noFile'))
    if (chosen.size > MAX_PRICE_FILE_BYTES) return void (fileProblem.value = t('prices.import.tooLarge', { mebibytes: MAX_PRICE_FILE_BYTES / 1_048_576 }))
    const query = { name: chosen.name.slice(0, 200), names }
    const answer = await form.submit(anything, {}, () => call<PricePreview>('/api/admin/prices/preview/file', { method: 'POST', body: chosen, query, headers: { 'content-type': 'application/json' } }))
    if (answer) take(answer)
  }

  function toggle(name: string, on: boolean): void {
    const next = new Set(selected.value)
    if (on) next.add(name)
    else next.delete(name)
    selected.value = next
  }
  function toggleFound(on: boolean): void {
    const next = new Set(selected.value)
    for (const { name } of foundToTake.value) {
      if (on) next.add(name)
      else next.delete(name)
    }
    selected.value = next
  }

  /** How many were taken over; undefined when one piece was refused, which is shown, or when it was stopped. */
  async function apply(): Promise<number | undefined> {
    const { rows = [] } = preview.value ?? {}
    const prices = rows.filter(row => takes(row) && selected.value.has(row.name)).flatMap(({ name, model, prices }) => prices ? [{ name, price: { model, ...prices } }] : [])
    form.clear()
    await startImport(chunksOf(prices, PIECE))
    const { done, total, failed } = progress
    if (done === total && failed === 0) return done
    if (problem.value) await form.submit(anything, {}, () => Promise.reject(problem.value))
    return undefined
  }

  return { form, progress, source, file, url, allowPrivate, plainNames, preview, selected, status, search, shownRows, fileProblem, counts, found, shown, foundToTake, takes, start, look, toggle, toggleFound, apply }
}
