import type { Tokens } from '../accounts/tokens'
import { withToken } from '../accounts/with-token'
import type { WindowKeeper } from '../accounts/windows'
import { attempt, type AttemptDeps, type AttemptInput, type AttemptResult } from './attempt'
import { judge, notRenewed, type Judged } from './outcome'

export interface JudgedAttemptDeps extends AttemptDeps {
  tokens: Tokens
  windows: WindowKeeper
}

export interface JudgedAttempt {
  result: AttemptResult
  judged: Judged
}

/**
 * One attempt and the verdict on it. Credentials that have run out are renewed before it; those that the upstream does not take
 * are renewed once and the request is repeated, since nothing of its answer went out.
 */
export async function judgedAttempt(deps: JudgedAttemptDeps, input: AttemptInput): Promise<JudgedAttempt> {
  const { account, settlement, writer } = input
  const { answer, renewal } = await withToken(deps.tokens, account, {
    send: () => send(deps, input),
    isUnauthorized: ({ judged }) => judged.reason === 'unauthorized',
    async again({ result }): Promise<JudgedAttempt> {
      if (writer.gone) return { result: { kind: 'client_closed', status: null, rawHeaders: null }, judged: { verdict: 'stop', reason: null, event: null } }
      settlement.judged({ verdict: 'pass_over', status: result.status, reason: 'token_renewed' })
      return send(deps, input)
    },
  })
  // The state of a refused account is set already.
  if (renewal?.kind === 'refused') return { ...answer, judged: { ...answer.judged, event: null } }
  if (renewal?.kind === 'failed') return { ...answer, judged: { verdict: 'transient', reason: 'token_not_renewed', event: notRenewed(renewal.evidence) } }
  return answer
}

async function send(deps: JudgedAttemptDeps, input: AttemptInput): Promise<JudgedAttempt> {
  await input.settlement.open(input.account)
  const result = await attempt(deps, input)
  if (result.rawHeaders) deps.windows.note(input.account, result.rawHeaders)
  return { result, judged: judge(result, input.account, deps.clock.now()) }
}
