/** Enables and disables a row from a list, and deletes it; `refresh` loads the list again. */
export function useRowActions(path: string, refresh: () => Promise<unknown>) {
  const { t } = useI18n()
  const call = useApi()
  const { done, failed } = useNotice()

  async function setEnabled({ id, name }: { id: string, name: string }, enabled: boolean): Promise<void> {
    try {
      await call(`${path}/${id}`, { method: 'PATCH', body: { enabled } })
      done(t(enabled ? 'table.enabled' : 'table.disabled', { name }))
    }
    catch (error) {
      failed(error)
    }
    await refresh()
  }

  /** Throws when the server refuses. */
  async function remove({ id, name }: { id: string, name: string }): Promise<void> {
    await call(`${path}/${id}`, { method: 'DELETE' })
    done(t('form.deleted', { name }))
    await refresh()
  }
  return { setEnabled, remove }
}
