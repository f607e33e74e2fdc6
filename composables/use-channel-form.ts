import type { ChannelKindView, ChannelView } from '#shared/types/notification'
import { adminEvents, channelCreateSchema, channelPatchSchema, notificationEvents } from '#shared/schemas/notification'
import type { ControlField, FormValues } from './form-fields'

const nameOf = (field: string) => field.replace(/^config\./, '')

/** The form of a channel: the kind's own fields as its descriptor says, then what it is used for. */
export function useChannelForm(kinds: () => ChannelKindView[]) {
  const { t } = useI18n()
  const { user } = useSession()
  const call = useApi()
  const form = useForm()
  /** Null: a new channel. */
  const channel = shallowRef<ChannelView | null>(null)
  const values = ref<FormValues>({})

  const isAdmin = computed(() => user.value?.role === 'admin')
  const kind = computed(() => kinds().find(({ id }) => id === values.value.kind))
  const usable = computed(() => kinds().filter(({ id, available }) => available || id === channel.value?.kind))
  const lacksMail = computed(() => isAdmin.value && kinds().some(({ available }) => !available))
  /** What is not shown whole is kept when its field stays empty. */
  const isHidden = (field: ControlField) => field.kind === 'secret' || field.name === 'config.url'
  const shownOf = (field: ControlField) => channel.value?.shown[nameOf(field.name)]

  const own = computed<ControlField[]>(() => (kind.value?.form ?? []).map((field) => {
    const kept = isHidden(field) && shownOf(field)
    return {
      ...field,
      label: t(field.label),
      help: field.help && t(field.help),
      required: field.required && !kept,
      placeholder: kept ? t('notifications.set', { hint: kept }) : field.placeholder,
    }
  }))
  const optionalSecret = computed(() => own.value.find(field => field.name === 'config.secret' && shownOf(field)))
  const events = computed(() => notificationEvents.filter(event => isAdmin.value || !adminEvents.includes(event)))

  const fields = computed<ControlField[]>(() => [
    { name: 'name', kind: 'text', label: t('notifications.name'), required: true },
    { name: 'kind', kind: 'select', label: t('notifications.kind'), help: lacksMail.value ? t('notifications.noMail') : undefined, disabled: Boolean(channel.value), options: usable.value.map(({ id, label }) => ({ value: id, label: t(label) })) },
    ...own.value,
    ...optionalSecret.value ? [{ name: 'dropSecret', kind: 'switch' as const, label: t('notifications.dropSecret') }] : [],
    { name: 'events', kind: 'checks', label: t('notifications.events'), options: events.value.map(event => ({ value: event, label: t(`notifications.eventNames.${event}`) })) },
    { name: 'enabled', kind: 'switch', label: t('notifications.enabled') },
  ])

  function start(of: ChannelView | null): void {
    channel.value = of
    form.clear()
    const shown = Object.entries(of?.shown ?? {}).map(([name, text]) => [['config', name].join('.'), text] as const)
    const described = kinds().find(({ id }) => id === of?.kind)?.form ?? []
    values.value = {
      name: of?.name ?? '',
      kind: of?.kind ?? usable.value[0]?.id ?? '',
      events: of?.events ?? events.value,
      enabled: of?.enabled ?? true,
      dropSecret: false,
      ...Object.fromEntries(shown.filter(([name]) => described.some(field => field.name === name && !isHidden(field)))),
    }
  }

  function body(): FormValues {
    const { name, events: chosen, enabled, dropSecret } = values.value
    const config: FormValues = {}
    for (const field of own.value) {
      const given = textOf(values.value[field.name])
      if (given !== null) config[nameOf(field.name)] = given
      else if (channel.value && !isHidden(field) && shownOf(field)) config[nameOf(field.name)] = null
    }
    if (dropSecret) config.secret = null
    if (!channel.value) return { name, kind: values.value.kind, config, events: chosen, enabled }
    return { name, events: chosen, enabled, config: Object.keys(config).length > 0 ? config : undefined }
  }

  /** The saved channel, or undefined while something is wrong. */
  function save(): Promise<ChannelView | undefined> {
    const sent = body()
    const old = channel.value
    if (old) return form.submit(channelPatchSchema, sent, () => call<ChannelView>(`/api/notification-channels/${old.id}`, { method: 'PATCH', body: sent }))
    return form.submit(channelCreateSchema, sent, () => call<ChannelView>('/api/notification-channels', { method: 'POST', body: sent }))
  }

  return { channel, values, fields, form, start, save }
}
