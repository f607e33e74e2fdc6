/** Enables and disables a row from a list, with a way back, and deletes it; `refresh` loads the list again. */
export function useRowActions(path: string, refresh: () => Promise<unknown>) {
  const { t } = useI18n()
  const call = useApi()
  const { done, failed } = useNotice()

  /** Throws when the server refuses. */
  async function put({ id, name }: { id: string, name: string }, enabled: boolean, undo?: () => Promise<void>): Promise<void> {
    await call(`${path}/${id}`, { method: 'PATCH', body: { enabled } })
    done(t(enabled ? 'table.enabled' : 'table.disabled', { name }), undo)
    await refresh()
  }

  async function setEnabled(row: { id: string, name: string }, enabled: boolean): Promise<void> {
    try {
      await put(row, enabled, () => put(row, !enabled))
    }
    catch (error) {
      failed(error)
      await refresh()
    }
  }

  /** Throws when the server refuses. */
  async function remove({ id, name }: { id: string, name: string }): Promise<void> {
    await call(`${path}/${id}`, { method: 'DELETE' })
    done(t('form.deleted', { name }))
    await refresh()
  }
  return { setEnabled, remove }
}
