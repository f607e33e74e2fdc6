const BYTES_PER_TOKEN = 4

/** That a conversation is too long, in the words of several upstreams. */
const TOO_LONG = /context_length_exceeded|context length|context window|context size|model token limit|prompt (?:is )?too long|prompt contains .* tokens|range of input length|input length|reduce the length|too many tokens|输入.{0,4}(?:长度|超)|超长|上下文/i
/** A wording that names the limit by those words, while what is wrong is the room asked for the answer. */
const OUTPUT_ONLY = /max_(?:completion_)?tokens.{0,40}(?:too large|must be|at most|range)|max_(?:completion_)?tokens' or/i

const LIMITS = [/maximum context length (?:is|of) (\d+)/i, /token limit:? ?(\d+)/i, /model with (\d+) maximum context/i, /range of input length should be \[\d+, ?(\d+)\]/i, /context (?:size|window)[^\d]{0,30}(\d+)/i]
const ASKED = [/resulted in (\d+) tokens/i, /requested (?:about )?(\d+) tokens/i, /\(requested:? ?(\d+)\)/i, /has (\d+) input tokens/i, /prompt contains (\d+) tokens/i, /request \((\d+) tokens\)/i]

/**
 * An error about the length of the conversation in the official words, which make clients shorten it by themselves; null when the
 * error is about something else. What the upstream does not tell is put in from the size of the request.
 */
export function tooLong(told: string, requestBytes: number): string | null {
  const plain = told.replace(/(\d),(?=\d{3})/g, '$1')
  if (!TOO_LONG.test(plain) || OUTPUT_ONLY.test(plain)) return null
  const limit = first(LIMITS, plain)
  if (limit === null) return `prompt is too long (capability_rejected: prompt_too_long): ${told}`
  const asked = first(ASKED, plain) ?? Math.ceil(requestBytes / BYTES_PER_TOKEN)
  return `prompt is too long: ${Math.max(asked, limit + 1)} tokens > ${limit} maximum`
}

function first(patterns: readonly RegExp[], text: string): number | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1]
    if (found) return Number(found)
  }
  return null
}
