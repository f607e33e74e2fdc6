import type { KeyView } from '#shared/types/api'
import { chunksOf } from '#shared/utils/run-all'
import type { FormValues } from './form-fields'

/** Keys changed by one call: all of them or none. */
const PIECE = 20

interface Piece { ids: string[], change: FormValues }

/** One change to many keys, piece by piece, with a way back where there is one. `selected`: ids, also of other pages. */
export function useKeyBatch(selected: Ref<string[]>, rows: () => KeyView[], changed: () => void) {
  const { t } = useI18n()
  const { done } = useNotice()
  const call = useApi()
  const { progress, start, problem } = useProgress(send, { weight: piece => piece.ids.length })
  /** Was a key enabled, by what the list last said? */
  const enabled = new Map<string, boolean>()
  watch(rows, now => now.forEach(row => enabled.set(row.id, row.enabled)), { immediate: true })
  let ended: string[] = []

  async function send({ ids, change }: Piece, signal: AbortSignal): Promise<void> {
    await call('/api/keys/batch', { method: 'POST', body: { ...change, ids }, signal })
    ended.push(...ids)
  }

  /** Throws what the last piece that was refused threw. */
  async function apply(change: FormValues, ids = selected.value): Promise<void> {
    if (progress.running) return
    const isSwitch = change.action === 'enable' || change.action === 'disable'
    const turned = ids.filter(id => enabled.get(id) === (change.action === 'disable'))
    ended = []
    await start(chunksOf(ids, PIECE).map(piece => ({ ids: piece, change })))
    const refused = problem.value
    if (ids.length <= PIECE) progress.clear()
    selected.value = selected.value.filter(id => !ended.includes(id))
    changed()
    if (refused) throw refused
    const back = turned.filter(id => ended.includes(id))
    if (ended.length > 0) done(t('keys.changed', { count: ended.length }), isSwitch && back.length > 0 ? () => apply({ action: change.action === 'enable' ? 'disable' : 'enable' }, back) : undefined)
  }

  return { apply, progress }
}
