import type { AccountView, GroupView, PlatformView } from '#shared/types/api'
import { accountCreateSchema, accountPatchSchema } from '#shared/schemas/account'
import type { FormField } from '#shared/types/form'
import { useSignIn } from './use-sign-in'
import type { ControlField, FormValues } from './form-fields'

/** The form of an account: the platform's own fields as its descriptor says, then those that all accounts share. */
export function useAccountForm(platforms: () => PlatformView[], groups: () => GroupView[] | undefined) {
  const { t, te } = useI18n()
  const call = useApi()
  const form = useForm()
  /** Null: a new account. */
  const account = shallowRef<AccountView | null>(null)
  const values = ref<FormValues>({})

  const word = (text: string) => te(text) ? t(text) : text
  const platform = computed(() => platforms().find(({ id }) => id === values.value.platform))
  const hintOf = (name: string) => name === 'proxyUrl' ? account.value?.proxyHint : account.value?.credentialsHint

  const signIn = useSignIn({ platform, account, values, form })

  const drawn = computed(() => (platform.value?.form ?? []).filter(({ name }) => !signIn.chosen.value || !name.startsWith('credentials.')))
  const control = (field: FormField): ControlField => ({
    ...field,
    label: word(field.label),
    help: field.help && word(field.help),
    required: field.required && !(field.kind === 'secret' && account.value),
    placeholder: field.kind === 'secret' && hintOf(field.name) ? t('form.secretSet', { hint: hintOf(field.name)! }) : field.placeholder,
    options: field.options?.map(option => ({ ...option, label: word(option.label) })),
  })
  const own = computed(() => drawn.value.filter(({ name }) => !isOption(name)).map(control))
  const options = computed(() => drawn.value.filter(({ name }) => isOption(name)).map(control))
  const presets = computed(() => platform.value?.presets ?? [])

  const { groupField, groupOf } = useGroupChoice({ kind: 'accounts', groups, values, isNew: () => account.value === null })

  const fields = computed<ControlField[]>(() => [
    { name: 'name', kind: 'text', label: t('accounts.name'), required: true },
    { name: 'platform', kind: 'select', label: t('accounts.platform'), disabled: Boolean(account.value), options: platforms().map(({ id, label }) => ({ value: id, label })) },
    ...presets.value.length > 0 ? [{ name: 'preset', kind: 'select' as const, label: t('accounts.preset'), help: t('accounts.presetHelp'), options: [{ value: '', label: t('accounts.presetNone') }, ...presets.value.map(({ id, label }) => ({ value: id, label }))] }] : [],
    ...signIn.fields.value,
    ...own.value,
    groupField.value,
    { name: 'models', kind: 'lines', label: t('accounts.models'), help: t('accounts.modelsHelp'), placeholder: 'claude-sonnet-*' },
    { name: 'modelMap', kind: 'lines', label: t('accounts.modelMap'), help: t('accounts.modelMapHelp'), placeholder: 'claude-*-haiku-* = glm-4.5-air' },
  ])
  const more = computed<ControlField[]>(() => [
    ...options.value,
    { name: 'priority', kind: 'number', label: t('accounts.priority'), help: t('accounts.priorityHelp') },
    { name: 'weight', kind: 'number', label: t('accounts.weight'), help: t('accounts.weightHelp') },
    { name: 'maxConcurrency', kind: 'number', label: t('accounts.maxConcurrency'), help: t('accounts.maxConcurrencyHelp') },
    { name: 'dailyLimitUsd', kind: 'money', label: t('accounts.dailyLimit'), help: t('accounts.dailyLimitHelp'), unit: t('accounts.usd') },
    { name: 'proxyUrl', kind: 'secret', label: t('accounts.proxyUrl'), help: t('accounts.proxyUrlHelp'), placeholder: hintOf('proxyUrl') ? t('form.secretSet', { hint: hintOf('proxyUrl')! }) : 'socks5://user:password@host:1080' },
    ...account.value?.proxyHint ? [{ name: 'dropProxy', kind: 'switch' as const, label: t('accounts.dropProxy') }] : [],
    { name: 'enabled', kind: 'switch', label: t('accounts.enabled') },
  ])

  function start(of: AccountView | null, again = false): void {
    account.value = of
    signIn.reset()
    form.clear()
    values.value = {
      way: of && !again ? 'token' : 'link',
      code: '',
      name: of?.name ?? '',
      platform: of?.platform ?? platforms()[0]?.id ?? '',
      baseUrl: of?.baseUrl ?? '',
      groupId: groupOf(of),
      models: of?.models.join('\n') ?? '',
      modelMap: mapLines(of?.modelMap ?? {}),
      preset: '',
      priority: of?.priority ?? 100,
      weight: of?.weight ?? 100,
      maxConcurrency: of?.maxConcurrency ?? 0,
      dailyLimitUsd: of?.dailyLimitUsd ?? '',
      proxyUrl: '',
      dropProxy: false,
      enabled: of?.enabled ?? true,
    }
    fillOptions(of?.options ?? {})
  }

  /** Those of the platform that are not given have their defaults. */
  function fillOptions(given: Record<string, unknown>): void {
    const all = { ...platform.value?.defaults, ...given }
    Object.assign(values.value, Object.fromEntries(Object.entries(all).map(([name, value]) => [OPTION + name, value])))
  }

  watch(() => values.value.platform, () => {
    if (!account.value) fillOptions({})
  })
  watch(() => values.value.preset, (id) => {
    const preset = presets.value.find(one => one.id === id)
    if (!preset) return
    values.value.baseUrl = preset.baseUrl
    fillOptions(preset.options)
  })

  function body(): FormValues {
    const given = values.value
    const ownValues = nest(Object.fromEntries(own.value.map(field => [field.name, given[field.name]])))
    const credentials = Object.fromEntries(Object.entries(ownValues.credentials ?? {}).filter(([, value]) => value !== '' && value !== undefined))
    const optionValues = Object.fromEntries(options.value.map(({ name, kind }) => [name.slice(OPTION.length), kind === 'number' ? numberOf(given[name]) : given[name]]))
    const shared = {
      name: given.name,
      baseUrl: own.value.some(field => field.name === 'baseUrl') ? textOf(given.baseUrl) : undefined,
      groupId: textOf(given.groupId),
      models: linesOf(given.models),
      modelMap: mapOf(given.modelMap),
      options: options.value.length > 0 ? optionValues : undefined,
      dailyLimitUsd: textOf(given.dailyLimitUsd),
      proxyUrl: given.dropProxy ? null : textOf(given.proxyUrl) ?? undefined,
      enabled: given.enabled,
    }
    const numbers = { priority: numberOf(given.priority), weight: numberOf(given.weight), maxConcurrency: numberOf(given.maxConcurrency) }
    if (account.value) return { ...shared, ...numbers, credentials: Object.keys(credentials).length > 0 ? credentials : undefined }
    return { ...shared, ...withoutNull(numbers), credentials, platform: given.platform }
  }

  /** The saved account, or undefined while something is wrong. */
  function save(): Promise<AccountView | undefined> {
    const sent = body()
    const old = account.value
    if (signIn.chosen.value) return signIn.save(sent)
    if (old) return form.submit(accountPatchSchema, sent, () => call<AccountView>(`/api/accounts/${old.id}`, { method: 'PATCH', body: sent }))
    return form.submit(accountCreateSchema, sent, () => call<AccountView>('/api/accounts', { method: 'POST', body: sent }))
  }

  return { account, values, fields, more, form, start, save, signIn }
}

const OPTION = 'options.'
const isOption = (name: string): boolean => name.startsWith(OPTION)

function withoutNull(values: Record<string, number | null>): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}
