import { shareCreateSchema, shareScopes } from '#shared/schemas/share'
import type { KeyView, ListOf } from '#shared/types/api'
import type { ShareView, ShareWithToken } from '#shared/types/key-query'
import type { ControlField, FormValues } from './form-fields'

const MONTH_MS = 30 * 24 * 3_600_000

/** The links that show a key's use: a sheet's list of them, a form for a new one, and its address, told once. */
export function useKeyShares() {
  const { t } = useI18n()
  const { done } = useNotice()
  const call = useApi()
  const origin = useOrigin()
  const zone = useZone()
  const form = useForm()
  const values = ref<FormValues>({})
  /** Of the link that was just made. */
  const address = ref('')
  const sheet = useSheet<KeyView, ListOf<ShareView>>(({ id }) => call(`/api/keys/${id}/shares`, { method: 'GET' }))

  const fields = computed<ControlField[]>(() => [
    { name: 'name', kind: 'text', label: t('shares.name'), help: t('shares.nameHelp'), required: true },
    { name: 'scope', kind: 'select', label: t('shares.scope'), options: shareScopes.map(value => ({ value, label: t(`shares.scopes.${value}`) })) },
    { name: 'expiresAt', kind: 'time', label: t('keys.expiresAt', { zone: zone.value }), help: t('shares.expiresHelp') },
  ])

  function start(): void {
    form.clear()
    values.value = { name: '', scope: 'limits', expiresAt: Date.now() + MONTH_MS }
  }

  async function show(key: KeyView): Promise<void> {
    start()
    address.value = ''
    await sheet.show(key)
  }

  async function create(): Promise<void> {
    const { name, scope, expiresAt } = values.value
    const body = { name, scope, expiresAt: numberOf(expiresAt) }
    const made = await form.submit(shareCreateSchema, body, () => call<ShareWithToken>(`/api/keys/${sheet.subject.value?.id}/shares`, { method: 'POST', body }))
    if (!made) return
    address.value = `${origin.value}/stats/api-key?share=${made.token}`
    start()
    await sheet.load()
  }

  async function revoke({ id, keyId }: ShareView): Promise<void> {
    await call(`/api/keys/${keyId}/shares/${id}`, { method: 'DELETE' })
    done(t('shares.revoked'))
    await sheet.load()
  }

  // Once closed it is gone for good, from memory too.
  watch(sheet.open, (now) => {
    if (!now) address.value = ''
  })
  return { ...sheet, show, form, fields, values, address, create, revoke }
}
