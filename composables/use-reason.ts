/** Words for the short codes of states and attempts; a code without words is shown as it is. */
export function useReason(): (code: string) => string {
  const { t, te } = useI18n()
  return code => te(`reasons.${code}`) ? t(`reasons.${code}`) : code
}
