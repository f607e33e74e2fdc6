import type { FivePrices, PriceView } from '#shared/types/price'
import { priceSetSchema } from '#shared/schemas/price'
import type { ControlField, FormValues } from './form-fields'

const kinds = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const

/** The form of a price: for a model that has one, it starts with what is in force. */
export function usePriceForm() {
  const { t } = useI18n()
  const call = useApi()
  const form = useForm()
  const values = ref<FormValues>({})
  /** Is the model given, so that only its prices are asked for? */
  const fixed = ref(false)

  const five = (prefix: string): ControlField[] => kinds.map(kind => ({
    name: prefix + kind, kind: 'text', label: t(`prices.kinds.${kind}`), required: prefix === '' && (kind === 'input' || kind === 'output'), placeholder: kind.startsWith('cache') ? t('prices.asInput') : undefined,
  }))
  const fields = computed<ControlField[]>(() => [
    { name: 'model', kind: 'text', label: t('prices.model'), help: t('prices.modelHelp'), required: true, disabled: fixed.value, placeholder: 'glm-4.6, qwen3-*' },
    ...five(''),
  ])
  const more = computed<ControlField[]>(() => [
    ...five('fast.').map(field => ({ ...field, label: t('prices.fastField', { field: field.label }) })),
    { name: 'longPrompt.above', kind: 'number', label: t('prices.above'), help: t('prices.aboveHelp') },
    ...five('longPrompt.').map(field => ({ ...field, label: t('prices.longField', { field: field.label }) })),
    { name: 'webSearch', kind: 'text', label: t('prices.webSearch'), help: t('prices.webSearchHelp') },
  ])

  const fiveOf = (prefix: string, prices: FivePrices | null | undefined) =>
    Object.fromEntries(kinds.map(kind => [prefix + kind, prices?.[kind] ?? '']))

  function start(model: string | null, price: PriceView | null): void {
    form.clear()
    fixed.value = model !== null
    values.value = {
      'model': model ?? '', ...fiveOf('', price), ...fiveOf('fast.', price?.fast), ...fiveOf('longPrompt.', price?.longPrompt),
      'longPrompt.above': price?.longPrompt?.above, 'webSearch': price?.webSearch ?? '',
    }
  }

  /** Empty fields are absent; a section without any value is none. */
  function section(fields: FormValues): FormValues | null {
    const given = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? textOf(value) ?? undefined : value ?? undefined]))
    return Object.values(given).some(value => value !== undefined) ? given : null
  }

  /** The saved price, or undefined while something is wrong. */
  function save(): Promise<PriceView | undefined> {
    const { fast, longPrompt, ...base } = nest(values.value)
    const body = { ...section(base), fast: section(fast as FormValues), longPrompt: section(longPrompt as FormValues) }
    return form.submit(priceSetSchema, body, () => call<PriceView>('/api/admin/prices', { method: 'POST', body }))
  }

  return { values, fields, more, form, start, save }
}
