import type { AccountTestView, AccountView } from '#shared/types/api'

/** Testing an account and putting its state back, from the list; `refresh` loads the list again. */
export function useAccountActions(refresh: () => Promise<unknown>) {
  const { t } = useI18n()
  const call = useApi()
  const { done } = useNotice()
  const { failureText } = useErrorText()
  const { duration } = useFormat()
  const testing = ref(new Set<string>())
  const results = ref<Record<string, { ok: boolean, text: string }>>({})

  function words({ ok, ms, status, model, probe, message }: AccountTestView): string {
    const facts = { time: duration(ms), status: status ?? '–', model, probe: t(`accounts.probes.${probe}`), message }
    if (ok) return t('accounts.testOk', facts)
    return t(status === null ? 'accounts.testUnreached' : 'accounts.testFailed', facts)
  }

  async function test(account: AccountView): Promise<void> {
    if (testing.value.has(account.id)) return
    testing.value.add(account.id)
    results.value[account.id] = { ok: true, text: t('accounts.testing') }
    try {
      const answer = await call<AccountTestView>(`/api/accounts/${account.id}/test`, { method: 'POST', body: {} })
      results.value[account.id] = { ok: answer.ok, text: words(answer) }
      await refresh()
    }
    catch (error) {
      results.value[account.id] = { ok: false, text: failureText(error) }
    }
    finally {
      testing.value.delete(account.id)
    }
  }

  /** Throws when the server refuses. */
  async function resetState({ id, name }: AccountView): Promise<void> {
    await call(`/api/accounts/${id}/reset-state`, { method: 'POST', body: {} })
    done(t('accounts.resetDone', { name }))
    await refresh()
  }

  return { testing, results, test, resetState }
}
