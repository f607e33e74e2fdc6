import type { AccountDirectory } from '../accounts/directory'
import type { Tokens } from '../accounts/tokens'
import { withToken } from '../accounts/with-token'
import type { Clock } from '../lib/clock'
import { OutOfReachError } from '../lib/guarded-connect'
import { redactText } from '../lib/redact'
import { platformOf } from '../platforms/index'
import { wholeJson } from '../platforms/_shared/whole-json'
import type { PoolAccount, ProbeCall } from '../platforms/platform'
import { converting, type ConvertedListener } from './convert'
import { peek } from './peek'
import type { Pools } from './pools'
import { openSource } from './source'

/** A message of one token, counting tokens, or the list of models. */
type ProbeName = 'messages' | 'count_tokens' | 'models'

export interface ProbeResult {
  ok: boolean
  /** Of the upstream; null when it never answered. */
  status: number | null
  ms: number
  model: string
  /** Which call gave the answer. */
  probe: ProbeName
  /** Says what happened, without secrets; empty when all is well. */
  message: string
}

/**
 * Sends the smallest possible message through an account; with `cheap`, what costs less if the upstream has it. Null when there
 * is no such account.
 */
export type Probe = (accountId: string, options?: { model?: string, cheap?: boolean }) => Promise<ProbeResult | null>

const DEFAULT_MODEL = 'claude-haiku-4-5'

/** A model that the account should have: the first one on its list that is no pattern. */
export const probeModel = ({ models }: Pick<PoolAccount, 'models'>): string => models.find(name => !name.includes('*')) ?? DEFAULT_MODEL

/** A list of models can be long. */
const MAX_ANSWER = 8 * 1024 * 1024
const MAX_MESSAGE = 300

export function createProbe({ pools, pool, tokens, clock, timeoutMs }: { pools: Pools, pool: AccountDirectory, tokens: Tokens, clock: Clock, timeoutMs: number }): Probe {
  return async (accountId, { model: asked, cheap = false } = {}) => {
    const account = pool.get(accountId)
    if (!account) return null
    const model = asked ?? probeModel(account)
    const startedAt = clock.now()
    const calls = platformOf(account.platform).probes(model)
    let answer: Answer = { ok: false, status: null, probe: 'messages', message: 'This platform cannot be tested.' }
    for (const call of cheap ? calls : calls.slice(-1)) {
      answer = (await withToken(tokens, account, { send: () => ask(pools, account, call, timeoutMs), isUnauthorized: ({ status }) => status === 401 })).answer
      if (!LACKING.has(answer.status ?? 0)) break
    }
    return { ...answer, model, ms: clock.now() - startedAt }
  }
}

type Answer = Pick<ProbeResult, 'ok' | 'status' | 'probe' | 'message'>

const nameOf = ({ path }: ProbeCall): ProbeName => path.endsWith('/models') ? 'models' : path.endsWith('/count_tokens') ? 'count_tokens' : 'messages'

const PROBE_HEADERS = ['content-type', 'application/json', 'anthropic-version', '2023-06-01']

/** What upstreams answer that lack a call: the next one decides. */
const LACKING = new Set([404, 405, 501])

function ask(pools: Pools, account: PoolAccount, call: ProbeCall, timeoutMs: number): Promise<Answer> {
  const platform = platformOf(account.platform)
  const accounted = call.path === '/v1/messages'
  const probe = nameOf(call)
  const reader = accounted ? platform.usage(false) : wholeJson()
  const errors = platform.usage(false)
  let status: number | null = null
  let received = 0
  const facts = call.body && peek(call.body, undefined, call.body.length)
  const request = platform.request({ path: call.path, query: '', rawHeaders: PROBE_HEADERS, body: call.body, facts }, account)
  return new Promise((resolve) => {
    const listener: ConvertedListener = {
      head: (given) => {
        status = given
      },
      data(chunk) {
        received += chunk.length
        if (received > MAX_ANSWER) return
        reader.push(chunk)
        errors.push(chunk)
      },
      end() {
        clearTimeout(timer)
        const { error } = errors.end()
        const ok = status === 200 && reader.end().complete && !error
        resolve({ ok, status, probe, message: ok ? '' : shorten(error ? `${error.type}: ${error.message}` : 'The answer is not in this platform\'s format. Check the base URL.') })
      },
      error(error) {
        clearTimeout(timer)
        resolve({ ok: false, status, probe, message: describe(error) })
      },
      heard: () => undefined,
      abort: reason => source.abort(reason),
    }
    const source = openSource(pools.of(request.origin, account), request, request.answer ? converting(listener, request.answer) : listener)
    const timer = setTimeout(() => source.abort(new Error(`No answer within ${Math.round(timeoutMs / 1000)} s.`)), timeoutMs)
  })
}

const shorten = (text: string): string => redactText(text).slice(0, MAX_MESSAGE)

/** Node names a connection's failure by code; the message may be empty (an AggregateError of several addresses). */
function describe(error: Error): string {
  if (error instanceof OutOfReachError) return shorten(error.message)
  const { code } = error as NodeJS.ErrnoException
  return shorten([code, error.message].filter(Boolean).join(': ') || error.name)
}
