import type { SettingsView } from '#shared/types/settings'
import { registrationModes, settingsPatchSchema, type SettingsSection } from '#shared/schemas/settings'
import { nest, type ControlField, type FormValues } from './form-fields'

const sections = ['registration', 'operator', 'retention', 'scheduling', 'statusPage'] as const satisfies SettingsSection[]

/** The settings of the installation as one form: fields by section, sent by section. */
export function useSettingsForm(settings: () => SettingsView | null | undefined, saved: () => Promise<unknown>) {
  const { t } = useI18n()
  const { done } = useNotice()
  const call = useApi()
  const form = useForm()
  const values = ref<FormValues>({})

  const fields = computed<Record<SettingsSection, ControlField[]>>(() => ({
    registration: [{
      name: 'registration.mode', kind: 'select', label: t('settings.registration'), help: settings()?.mail ? t('settings.registrationHelp') : t('settings.registrationNoMail'),
      options: registrationModes.map(value => ({ value, label: t(`settings.modes.${value}`) })),
    }],
    operator: [
      { name: 'operator.name', kind: 'text', label: t('settings.name'), help: t('settings.nameHelp') },
      { name: 'operator.logo', kind: 'text', label: t('settings.logo'), help: t('settings.logoHelp') },
      { name: 'operator.notice', kind: 'lines', label: t('settings.notice'), help: t('settings.noticeHelp') },
      { name: 'operator.aboutZh', kind: 'lines', label: t('settings.aboutZh'), help: t('settings.aboutHelp') },
      { name: 'operator.aboutEn', kind: 'lines', label: t('settings.aboutEn'), help: t('settings.aboutHelp') },
    ],
    retention: settings()?.retentionFixed ? [] : [{ name: 'retention.logMonths', kind: 'number', label: t('settings.logMonths'), help: t('settings.logMonthsHelp'), unit: t('settings.months') }],
    scheduling: [{ name: 'scheduling.soonestResetFirst', kind: 'switch', label: t('settings.soonestResetFirst'), help: t('settings.soonestResetFirstHelp') }],
    statusPage: [{ name: 'statusPage.shown', kind: 'switch', label: t('settings.statusPage'), help: t('settings.statusPageHelp') }],
  }))

  const shown = (name: string): unknown => {
    const [section = '', field = ''] = name.split('.')
    const value = (settings() as unknown as Record<string, Record<string, unknown>> | null | undefined)?.[section]?.[field]
    return value ?? ''
  }
  function start(): void {
    values.value = Object.fromEntries(sections.flatMap(section => fields.value[section].map(({ name }) => [name, shown(name)])))
  }

  async function save(): Promise<void> {
    const sent = Object.fromEntries(Object.entries(values.value).map(([name, value]) => [name, name.startsWith('operator.') ? textOf(value) : value]))
    const body = nest(sent)
    const answer = await form.submit(settingsPatchSchema, body, () => call<SettingsView>('/api/admin/settings', { method: 'PATCH', body }))
    if (!answer) return
    done(t('settings.saved'))
    await saved()
  }

  watch(settings, start, { immediate: true })
  return { sections, fields, values, form, save }
}
