import type { KeyLookView, KeyQueryView } from '#shared/types/key-query'

/**
 * What the visitor's cookie shows of a key. The cookie is set and cleared by the forms of the page, which need no scripts;
 * nothing here knows the key.
 */
export function useKeyQuery() {
  const { t } = useI18n()
  const { problemText, failureText } = useErrorText()
  const { duration } = useFormat()
  const { cursor, linkTo } = useQueryState(() => [])
  const { data, error, status, refresh } = useFetch<KeyLookView>('/api/public/key-stats', { query: { cursor }, lazy: true, retry: 0, deep: false })

  const failure = computed(() => error.value ? toApiFailure(error.value) : null)
  /** Wrong, or not looked up: told at the field of the key. */
  const keyProblem = computed(() => {
    if (!failure.value) return undefined
    const { code, retryAfter, problems } = failure.value
    if (code === 'rate_limited') return t('keyQuery.throttled', { wait: duration((retryAfter ?? 60) * 1000) })
    const found = problems.find(({ path }) => path === 'key')
    return found && t('keyQuery.unknown')
  })
  /** Of a link that is no more, or anything else that failed. */
  const alert = computed(() => {
    if (!failure.value || keyProblem.value) return undefined
    const [problem] = failure.value.problems
    if (problem?.path === 'shareToken') return t('keyQuery.shareGone')
    return problem ? problemText(problem) : failureText(error.value)
  })
  const seen = shallowRef<KeyQueryView | null>(null)
  watch(data, (now) => {
    if (now) seen.value = now.view
  })
  /** While a look fails that was fine before, what was seen stays. */
  const view = computed(() => keyProblem.value ? null : data.value ? data.value.view : seen.value)

  return { view, keyProblem, alert, status, refresh, cursor, linkTo }
}
