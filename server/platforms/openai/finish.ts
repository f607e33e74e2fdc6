/** What upstreams call the end of an answer, as the Messages API calls it. */
const REASONS: Readonly<Record<string, string>> = {
  length: 'max_tokens', max_tokens: 'max_tokens',
  content_filter: 'refusal', sensitive: 'refusal', safety: 'refusal', refusal: 'refusal',
  model_context_window_exceeded: 'model_context_window_exceeded',
}

/** Ends that are failures of the upstream, in a place where nobody looks for an error. */
const FAILURES = new Set(['error', 'network_error', 'insufficient_system_resource', 'abort', 'aborted'])

export const isFailure = (finish: string): boolean => FAILURES.has(finish)

/** Calls decide over `stop`, since some upstreams say that with calls; and nothing is a call without one. */
export const stopReason = (finish: string, { called, refused, matchedStop }: { called: boolean, refused: boolean, matchedStop: boolean }): string => {
  const known = REASONS[finish]
  if (known) return known
  if (called) return 'tool_use'
  if (refused) return 'refusal'
  return matchedStop ? 'stop_sequence' : 'end_turn'
}
