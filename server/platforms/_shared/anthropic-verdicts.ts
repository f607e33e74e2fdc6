import { limitedFamily, resetTime } from './reset-time'
import { lookUp, type ErrorAnswer, type Judgement, type VerdictRow } from './verdict'

/**
 * What error answers of Anthropic-format upstreams mean, read from top to bottom. Wordings come from the official API and from
 * mirrors; where a wording is unknown the status decides.
 */
export const anthropicVerdicts: readonly VerdictRow[] = [
  { status: [400, 402, 403, 429], says: /credit balance is too low|insufficient[ _](balance|credit|quota|funds)|quota[ _](exceeded|exhausted)|exceeded your (current )?quota|billing_error|余额不足|欠费|配额/i, verdict: 'account_fault', reason: 'no_credit' },
  { status: [400, 401, 403], says: /organization has been disabled|account (has been |is )?(disabled|suspended|banned|deactivated)|oauth (token|authentication) .*(not|disabled)|账[号户].*(封|禁)/i, verdict: 'account_fault', reason: 'disabled' },
  { status: [400, 403, 404], says: /not_found_error: model:|model[^.]{0,80}(not found|does not exist|not exist|not supported|unsupported|not available|no access|not have access)|(unknown|invalid|unsupported) model|no available channel|模型.*不(存在|支持)/i, verdict: 'pass_over', reason: 'model_missing' },
  { status: [429], says: /long context|extra usage|context.{0,20}beta/i, verdict: 'pass_over', reason: 'request_limited' },
  { status: [401], verdict: 'account_fault', reason: 'unauthorized' },
  { status: [402], verdict: 'account_fault', reason: 'no_credit' },
  { status: [403], verdict: 'account_fault', reason: 'forbidden' },
  { status: [429], verdict: 'limited', reason: 'rate_limited' },
  { status: [408], verdict: 'transient', reason: 'timeout' },
  { status: [529], verdict: 'transient', reason: 'overloaded' },
  { status: [500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530], verdict: 'transient', reason: 'server_error' },
  { status: 'any', says: /overloaded_error/, verdict: 'transient', reason: 'overloaded' },
  { status: 'any', verdict: 'pass', reason: 'client_error' },
]

/** The verdict on an error answer of an Anthropic-format upstream. */
export function judgeAnthropic(answer: ErrorAnswer, now: number): Judgement {
  const { verdict, reason } = lookUp(anthropicVerdicts, answer)
  // Counting has allowances of its own: they say nothing about messages.
  if (verdict === 'limited' && answer.call === 'count_tokens') return { verdict: 'pass_over', reason: 'count_limited', until: null, family: null }
  const limits = verdict === 'limited' || reason === 'no_credit'
  return {
    verdict,
    reason,
    until: limits ? resetTime(answer.rawHeaders, now) : null,
    family: verdict === 'limited' ? limitedFamily(answer.rawHeaders) : null,
  }
}
