import type { AccountTestView, AccountView } from '#shared/types/api'

/** Testing an account and putting its state back, from the list; `refresh` loads the list again. */
export function useAccountActions(refresh: () => Promise<unknown>) {
  const { t } = useI18n()
  const call = useApi()
  const { done, failed } = useNotice()
  const { failureText } = useErrorText()
  const testing = ref(new Set<string>())
  const results = ref<Record<string, { ok: boolean, text: string }>>({})

  async function test(account: AccountView): Promise<void> {
    if (testing.value.has(account.id)) return
    testing.value.add(account.id)
    try {
      const answer = await call<AccountTestView>(`/api/accounts/${account.id}/test`, { method: 'POST', body: {} })
      const facts = { ms: answer.ms, status: answer.status ?? '–', model: answer.model, message: answer.message }
      results.value[account.id] = { ok: answer.ok, text: t(answer.ok ? 'accounts.testOk' : 'accounts.testFailed', facts) }
      await refresh()
    }
    catch (error) {
      results.value[account.id] = { ok: false, text: failureText(error) }
    }
    finally {
      testing.value.delete(account.id)
    }
  }

  async function resetState({ id, name }: AccountView): Promise<void> {
    try {
      await call(`/api/accounts/${id}/reset-state`, { method: 'POST', body: {} })
      done(t('accounts.resetDone', { name }))
    }
    catch (error) {
      failed(error)
    }
    await refresh()
  }

  return { testing, results, test, resetState }
}
