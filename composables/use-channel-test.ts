import type { ChannelTestView, ChannelView, DeliveryReason } from '#shared/types/notification'

/** How a delivery went, in words. */
export function useDeliveryText() {
  const { t } = useI18n()
  return (reason: DeliveryReason, { status, message }: { status?: number | null, message: string }) =>
    t(`notifications.results.${reason}`, { status: status ?? '–', message: message || '–' })
}

/** Testing a channel from the list; `refresh` loads the list again. */
export function useChannelTest(refresh: () => Promise<unknown>) {
  const call = useApi()
  const { failureText } = useErrorText()
  const deliveryText = useDeliveryText()
  const testing = ref(new Set<string>())
  const results = ref<Record<string, { ok: boolean, text: string }>>({})

  async function test({ id }: ChannelView): Promise<void> {
    if (testing.value.has(id)) return
    testing.value.add(id)
    try {
      const { ok, reason, ...answer } = await call<ChannelTestView>(`/api/notification-channels/${id}/test`, { method: 'POST', body: {} })
      results.value[id] = { ok, text: ok ? deliveryText('delivered', { message: '' }) : deliveryText(reason, answer) }
      await refresh()
    }
    catch (error) {
      results.value[id] = { ok: false, text: failureText(error) }
    }
    finally {
      testing.value.delete(id)
    }
  }

  return { testing, results, test }
}
