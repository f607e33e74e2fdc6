import { resetTime } from '../_shared/reset-time'
import { lookUp, type ErrorAnswer, type Judgement, type VerdictRow } from '../_shared/verdict'
import { resetInWords } from './reset'

/**
 * What error answers of OpenAI-format upstreams mean, read from top to bottom. The wording is code, type and message of the
 * upstream in one line; where it is unknown the status decides.
 */
export const openaiVerdicts: readonly VerdictRow[] = [
  { status: [400], says: /cannot be sent to an OpenAI-format upstream|has no counterpart at an OpenAI-format upstream/, verdict: 'pass_over', reason: 'unsupported' },
  { status: [400, 402, 403, 413, 422, 429, 500], says: /context_length_exceeded|maximum context length|context (window|size)|model token limit|prompt (is )?too long|range of input length|超长/i, verdict: 'pass', reason: 'too_long' },
  { status: [400, 402, 403, 429], says: /insufficient[ _](quota|balance|credit|funds)|exceeded[ _](your )?(current )?quota|billing_hard_limit|account.{0,20}(arrears|overdue)|arrearage|requires more credits|no credits|余额不足|欠费|已用完|\b1113\b/i, verdict: 'account_fault', reason: 'no_credit' },
  { status: [400, 401, 403], says: /account.{0,40}(deactivated|disabled|suspended|banned|terminated)|organization.{0,40}(disabled|deactivated)|access_terminated|账[号户].*(封|禁|锁)/i, verdict: 'account_fault', reason: 'disabled' },
  { status: [400, 403, 404, 422, 503], says: /model_not_found|model[^.]{0,80}(not found|does not exist|not exist|not supported|unsupported|not available|no access|not have access)|(unknown|invalid|unsupported) model|not a valid model|no (available channel|endpoints found|allowed providers)|not found the model|模型.*不(存在|支持)|\b1211\b/i, verdict: 'pass_over', reason: 'model_missing' },
  { status: [400, 403], says: /(incorrect|invalid)[ _](api[ _])?key|invalid_api_key|invalid_iam_token/i, verdict: 'account_fault', reason: 'unauthorized' },
  { status: [400, 403, 451], says: /content_(filter|policy)|data_inspection_failed|moderation|flagged|sensitive|敏感|\b1301\b/i, verdict: 'pass', reason: 'refused_content' },
  { status: [429], says: /request too large|tokens per min[^.]*limit \d+, requested/i, verdict: 'pass_over', reason: 'request_limited' },
  { status: [429], says: /engine.{0,12}overloaded|overloaded|currently busy|server.{0,12}busy|\b1305\b/i, verdict: 'transient', reason: 'overloaded' },
  { status: [401], verdict: 'account_fault', reason: 'unauthorized' },
  { status: [402], verdict: 'account_fault', reason: 'no_credit' },
  { status: [403], verdict: 'account_fault', reason: 'forbidden' },
  { status: [404, 405], verdict: 'account_fault', reason: 'wrong_address' },
  { status: [429], verdict: 'limited', reason: 'rate_limited' },
  { status: [408], verdict: 'transient', reason: 'timeout' },
  { status: [503, 529], verdict: 'transient', reason: 'overloaded' },
  { status: [500, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530], verdict: 'transient', reason: 'server_error' },
  { status: 'any', verdict: 'pass', reason: 'client_error' },
]

/** The verdict on an error answer of an OpenAI-format upstream. */
export function judgeOpenai(answer: ErrorAnswer, now: number): Judgement {
  const { verdict, reason } = lookUp(openaiVerdicts, answer)
  const limits = verdict === 'limited' || reason === 'no_credit'
  const said = answer.error?.said ?? answer.error?.message ?? ''
  return { verdict, reason, until: limits ? resetTime(answer.rawHeaders, now) ?? resetInWords(answer.rawHeaders, said, now) : null, family: null }
}
