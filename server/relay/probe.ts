import type { AccountDirectory } from '../accounts/directory'
import type { Clock } from '../lib/clock'
import { redactText } from '../lib/redact'
import { platformOf } from '../platforms/index'
import { wholeJson } from '../platforms/_shared/whole-json'
import type { PoolAccount, ProbeCall } from '../platforms/platform'
import type { Pools } from './pools'
import { openSource } from './source'

export interface ProbeResult {
  ok: boolean
  /** Of the upstream; null when it never answered. */
  status: number | null
  ms: number
  model: string
  /** Says what happened, without secrets; empty when all is well. */
  message: string
}

/**
 * Sends the smallest possible message through an account; with `cheap`, what costs less if the upstream has it. Null when there
 * is no such account.
 */
export type Probe = (accountId: string, options?: { model?: string, cheap?: boolean }) => Promise<ProbeResult | null>

const DEFAULT_MODEL = 'claude-haiku-4-5'
const MAX_ANSWER = 64 * 1024
const MAX_MESSAGE = 300

export function createProbe({ pools, pool, clock, timeoutMs }: { pools: Pools, pool: AccountDirectory, clock: Clock, timeoutMs: number }): Probe {
  return async (accountId, { model: asked, cheap = false } = {}) => {
    const account = pool.get(accountId)
    if (!account) return null
    const model = asked ?? account.models.find(name => !name.includes('*')) ?? DEFAULT_MODEL
    const startedAt = clock.now()
    const calls = platformOf(account.platform).probes(model)
    let answer: Answer = { ok: false, status: null, message: 'This platform cannot be tested.' }
    for (const call of cheap ? calls : calls.slice(-1)) {
      answer = await ask(pools, account, call, timeoutMs)
      if (!LACKING.has(answer.status ?? 0)) break
    }
    return { ...answer, model, ms: clock.now() - startedAt }
  }
}

type Answer = Pick<ProbeResult, 'ok' | 'status' | 'message'>

/** What upstreams answer that lack a call: the next one decides. */
const LACKING = new Set([404, 405, 501])

function ask(pools: Pools, account: PoolAccount, call: ProbeCall, timeoutMs: number): Promise<Answer> {
  const platform = platformOf(account.platform)
  const accounted = call.path === '/v1/messages'
  const reader = accounted ? platform.usage(false) : wholeJson()
  const errors = platform.usage(false)
  let status: number | null = null
  let received = 0
  return new Promise((resolve) => {
    const request = platform.request({ path: call.path, query: '', rawHeaders: ['content-type', 'application/json', 'anthropic-version', '2023-06-01'], body: call.body }, account)
    const source = openSource(pools.of(request.origin, account.proxyUrl), request, {
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
        resolve({ ok, status, message: ok ? '' : shorten(error ? `${error.type}: ${error.message}` : 'The answer is not a message in Anthropic format. Check the base URL.') })
      },
      error(error) {
        clearTimeout(timer)
        resolve({ ok: false, status, message: describe(error) })
      },
    })
    const timer = setTimeout(() => source.abort(new Error(`No answer within ${Math.round(timeoutMs / 1000)} s.`)), timeoutMs)
  })
}

const shorten = (text: string): string => redactText(text).slice(0, MAX_MESSAGE)

/** Node names a connection's failure by code; the message may be empty (an AggregateError of several addresses). */
function describe(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return shorten([code, error.message].filter(Boolean).join(': ') || error.name)
}
