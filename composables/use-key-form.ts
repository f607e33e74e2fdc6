import type { GroupView, KeyView, KeyWithSecret, LimitView } from '#shared/types/api'
import { keyCreateSchema, keyPatchSchema } from '#shared/schemas/key'
import { nest, valueOf, type ControlField, type FormValues } from './form-fields'

/** The form of a key: its own fields, then those of the limits as the server describes them. A new key is told once. */
export function useKeyForm(groups: () => GroupView[] | undefined, limits: () => LimitView[]) {
  const { t } = useI18n()
  const call = useApi()
  const form = useForm()
  const zone = useZone()
  const { limitFields } = useLimitFields(limits)
  /** Null: a new key. */
  const apiKey = shallowRef<KeyView | null>(null)
  const values = ref<FormValues>({})

  const { groupField, groupOf } = useGroupChoice({ kind: 'keys', groups, values, isNew: () => apiKey.value === null })
  const fields = computed<ControlField[]>(() => [
    { name: 'name', kind: 'text', label: t('keys.name'), help: t('keys.nameHelp'), required: true },
    groupField.value,
    { name: 'expiresAt', kind: 'time', label: t('keys.expiresAt', { zone: zone.value }), help: t('keys.expiresHelp') },
    { name: 'expiresInDays', kind: 'number', label: t('keys.expiresInDays'), help: t('keys.expiresInDaysHelp'), unit: t('keys.days') },
  ])
  const isAmount = ({ name }: ControlField) => name.startsWith('limits.')
  const sections = computed(() => [
    { title: t('keys.limits'), fields: limitFields.value.filter(isAmount), open: apiKey.value === null || Object.values(apiKey.value.limits).some(limit => limit !== null) },
    { title: t('keys.access'), fields: limitFields.value.filter(field => !isAmount(field)) },
  ])
  const more = computed<ControlField[]>(() => [
    ...apiKey.value ? [] : [{ name: 'key', kind: 'secret' as const, label: t('keys.own'), help: t('keys.ownHelp') }],
    { name: 'enabled', kind: 'switch', label: t('keys.enabled') },
  ])

  /** What a key has for a field of the descriptor, as its control shows it. */
  function shown({ name, kind }: ControlField, of: KeyView | null): unknown {
    const value = name.split('.').reduce<unknown>((object, step) => (object as Record<string, unknown> | null | undefined)?.[step], of)
    if (kind === 'lines') return Array.isArray(value) ? value.join('\n') : ''
    return value ?? (kind === 'number' ? null : '')
  }

  function start(of: KeyView | null): void {
    apiKey.value = of
    form.clear()
    values.value = {
      name: of?.name ?? '',
      groupId: groupOf(of),
      expiresAt: of?.expiresAt ?? null,
      expiresInDays: of?.expiresInDays ?? null,
      key: '',
      enabled: of?.enabled ?? true,
      ...Object.fromEntries(limitFields.value.map(field => [field.name, shown(field, of)])),
    }
  }

  /** An end that was left as it is stays out, so that a changed number of days can move it. */
  function end(old: KeyView | null): FormValues {
    const expiresAt = numberOf(values.value.expiresAt)
    return old && expiresAt === old.expiresAt ? {} : { expiresAt }
  }

  /** The saved key (with `key` when it is new), or undefined while something is wrong. */
  function save(): Promise<KeyView | KeyWithSecret | undefined> {
    const { name, groupId, expiresInDays, key, enabled } = values.value
    const old = apiKey.value
    const ofLimits = nest(Object.fromEntries(limitFields.value.map(field => [field.name, valueOf(field, values.value[field.name])])))
    const body = { name, groupId: textOf(groupId), expiresInDays: numberOf(expiresInDays), enabled, ...end(old), ...ofLimits }
    if (old) return form.submit(keyPatchSchema, body, () => call<KeyView>(`/api/keys/${old.id}`, { method: 'PATCH', body }))
    const created = { ...body, key: textOf(key) ?? undefined }
    return form.submit(keyCreateSchema, created, () => call<KeyWithSecret>('/api/keys', { method: 'POST', body: created }))
  }

  return { apiKey, values, fields, sections, more, form, start, save }
}
