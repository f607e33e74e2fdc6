import type { AccountTestView, AccountView } from '#shared/types/api'

/** Tests at once: enough to be quick, few enough that nobody's upstream takes it for an attack. */
const PARALLEL_TESTS = 3

type Tested = Pick<AccountView, 'id' | 'name'>

/** Testing accounts and putting their state back, from the list; `refresh` loads the list again. */
export function useAccountActions(refresh: () => Promise<unknown>) {
  const { t } = useI18n()
  const call = useApi()
  const { done } = useNotice()
  const { failureText } = useErrorText()
  const { duration } = useFormat()
  const testing = ref(new Set<string>())
  const results = ref<Record<string, { ok: boolean, text: string }>>({})
  const { progress, start } = useProgress(probe, { parallel: PARALLEL_TESTS })

  function words({ ok, ms, status, model, probe, message }: AccountTestView): string {
    const facts = { time: duration(ms), status: status ?? '–', model, probe: t(`accounts.probes.${probe}`), message }
    if (ok) return t('accounts.testOk', facts)
    return t(status === null ? 'accounts.testUnreached' : 'accounts.testFailed', facts)
  }

  /** Throws when the account did not pass; the result is noted either way, unless it was given up. */
  async function probe({ id }: Tested, signal?: AbortSignal): Promise<void> {
    if (testing.value.has(id)) return
    testing.value.add(id)
    results.value[id] = { ok: true, text: t('accounts.testing') }
    const result = await call<AccountTestView>(`/api/accounts/${id}/test`, { method: 'POST', body: {}, signal }).then(
      answer => ({ ok: answer.ok, text: words(answer) }),
      (error: unknown) => (signal?.aborted ? { ok: true, text: t('accounts.testStopped') } : { ok: false, text: failureText(error) }),
    )
    testing.value.delete(id)
    results.value[id] = result
    if (!result.ok) throw new Error(result.text)
  }

  async function test(account: Tested): Promise<void> {
    await probe(account).catch(() => undefined)
    await refresh()
  }

  /** One after the other, a few at a time, until all are done or somebody stops it. */
  async function testAll(accounts: readonly Tested[]): Promise<void> {
    results.value = {}
    await start(accounts)
    await refresh()
  }

  /** Throws when the server refuses. */
  async function resetState({ id, name }: AccountView): Promise<void> {
    await call(`/api/accounts/${id}/reset-state`, { method: 'POST', body: {} })
    done(t('accounts.resetDone', { name }))
    await refresh()
  }

  return { testing, results, test, testAll, testingAll: progress, resetState }
}
