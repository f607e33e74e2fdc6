import { asFields } from '../_shared/anthropic-reducer'
import { fieldsIn, textIn, type Fields } from './chat'
import type { OpenaiOptions } from './options'

/** Levels that upstreams know, by those that clients ask for: above `high` there is no level that all know. */
const EFFORTS: Readonly<Record<string, string>> = { low: 'low', medium: 'medium', high: 'high', xhigh: 'high', max: 'high' }

/** The fields that ask for reasoning, or against it, in the way of this upstream; none where it has no such field. */
export function reasoningFields(body: Fields, { reasoning }: OpenaiOptions): Fields {
  const thinking = asFields(body.thinking) ?? {}
  const on = thinking.type === 'adaptive' || thinking.type === 'enabled'
  const effort = on || thinking.type === undefined ? effortOf(body, thinking) : null
  switch (reasoning) {
    case 'none': return {}
    case 'reasoning_effort': return effort ? { reasoning_effort: effort } : {}
    case 'reasoning': return { reasoning: effort ? { effort } : { enabled: on } }
    case 'thinking': return { thinking: { type: on ? 'enabled' : 'disabled' } }
    case 'enable_thinking': return { enable_thinking: on }
  }
}

/** The newest word on it counts: instructions between turns may change what the request says. */
function effortOf(body: Fields, thinking: Fields): string | null {
  const configs = [body, ...fieldsIn(body.messages)].map(one => textIn(asFields(one.output_config)?.effort)).filter(Boolean)
  const asked = EFFORTS[configs.at(-1) ?? '']
  if (asked) return asked
  const budget = Number(thinking.budget_tokens)
  if (thinking.type !== 'enabled' || !(budget > 0)) return null
  return budget <= 4_096 ? 'low' : budget <= 16_384 ? 'medium' : 'high'
}
