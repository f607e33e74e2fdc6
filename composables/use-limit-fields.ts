import type { LimitView } from '#shared/types/api'
import type { ControlField } from './form-fields'

/** The fields of the limits in the person's language. */
export function useLimitFields(limits: () => LimitView[]) {
  const { t } = useI18n()
  const limitFields = computed<ControlField[]>(() => limits().flatMap(({ form }) => form).map(field => ({
    ...field,
    label: t(field.label),
    help: field.help && t(field.help),
    unit: field.unit && t(field.unit),
  })))
  return { limitFields }
}
