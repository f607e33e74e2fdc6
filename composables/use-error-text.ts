import type { FieldProblem } from '#shared/schemas/errors'

/** What to tell a person about something that failed: what it was, and what to do. */
export function useErrorText() {
  const { t, te } = useI18n()

  function problemText(problem: FieldProblem): string {
    return te(problem.key) ? t(problem.key, problem.params ?? {}) : problem.message
  }

  function failureText(thrown: unknown): string {
    const failure = toApiFailure(thrown)
    if (failure.code === 'validation' && failure.problems.length > 0)
      return failure.problems.map(problem => `${problem.path}: ${problemText(problem)}`).join('; ')
    const key = `failures.${failure.code}`
    if (te(key)) return t(key, { seconds: failure.retryAfter ?? 60, requestId: failure.requestId ?? '–' })
    return failure.message || t('failures.unexpected')
  }

  return { problemText, failureText }
}
