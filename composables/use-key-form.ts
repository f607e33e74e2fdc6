import type { GroupView, KeyView, KeyWithSecret } from '#shared/types/api'
import { keyCreateSchema, keyPatchSchema } from '#shared/schemas/key'
import type { ControlField, FormValues } from './form-fields'

/** The form of a key. A new one answers with the key itself, once. */
export function useKeyForm(groups: () => GroupView[]) {
  const { t } = useI18n()
  const { user } = useSession()
  const call = useApi()
  const form = useForm()
  const zone = useZone()
  /** Null: a new key. */
  const apiKey = shallowRef<KeyView | null>(null)
  const values = ref<FormValues>({})

  const groupOptions = computed(() => [
    ...user.value?.role === 'admin' || user.value?.sharedPool ? [{ value: '', label: t('groups.shared') }] : [],
    ...groups().map(group => ({ value: group.id, label: group.name })),
  ])
  const fields = computed<ControlField[]>(() => [
    { name: 'name', kind: 'text', label: t('keys.name'), help: t('keys.nameHelp'), required: true },
    { name: 'groupId', kind: 'select', label: t('keys.group'), help: t('keys.groupHelp'), options: groupOptions.value },
    { name: 'expiresAt', kind: 'time', label: t('keys.expiresAt', { zone: zone.value }), help: t('keys.expiresHelp') },
  ])
  const more = computed<ControlField[]>(() => [
    { name: 'models', kind: 'lines', label: t('keys.models'), help: t('keys.modelsHelp'), placeholder: 'claude-sonnet-*' },
    ...apiKey.value ? [] : [{ name: 'key', kind: 'secret' as const, label: t('keys.own'), help: t('keys.ownHelp') }],
    { name: 'enabled', kind: 'switch', label: t('keys.enabled') },
  ])

  function start(of: KeyView | null): void {
    apiKey.value = of
    form.clear()
    values.value = {
      name: of?.name ?? '',
      groupId: of ? of.groupId ?? '' : groupOptions.value[0]?.value ?? '',
      expiresAt: of?.expiresAt ?? null,
      models: of?.models.join('\n') ?? '',
      key: '',
      enabled: of?.enabled ?? true,
    }
  }

  /** The saved key (with `key` when it is new), or undefined while something is wrong. */
  function save(): Promise<KeyView | KeyWithSecret | undefined> {
    const { name, groupId, expiresAt, models, key, enabled } = values.value
    const body = { name, groupId: textOf(groupId), expiresAt: numberOf(expiresAt), models: linesOf(models), enabled }
    const old = apiKey.value
    if (old) return form.submit(keyPatchSchema, body, () => call<KeyView>(`/api/keys/${old.id}`, { method: 'PATCH', body }))
    const created = { ...body, key: textOf(key) ?? undefined }
    return form.submit(keyCreateSchema, created, () => call<KeyWithSecret>('/api/keys', { method: 'POST', body: created }))
  }

  return { apiKey, values, fields, more, form, start, save }
}
