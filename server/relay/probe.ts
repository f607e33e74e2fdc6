import type { AccountDirectory } from '../accounts/directory'
import type { Clock } from '../lib/clock'
import { redactText } from '../lib/redact'
import { platformOf } from '../platforms/index'
import type { PoolAccount } from '../platforms/platform'
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

/** Sends the smallest possible message through an account. Null when there is no such account. */
export type Probe = (accountId: string, model?: string) => Promise<ProbeResult | null>

const DEFAULT_MODEL = 'claude-haiku-4-5'
const MAX_ANSWER = 64 * 1024
const MAX_MESSAGE = 300

export function createProbe({ pools, pool, clock, timeoutMs }: { pools: Pools, pool: AccountDirectory, clock: Clock, timeoutMs: number }): Probe {
  return async (accountId, asked) => {
    const account = pool.get(accountId)
    if (!account) return null
    const model = asked ?? account.models.find(name => !name.includes('*')) ?? DEFAULT_MODEL
    const startedAt = clock.now()
    const answer = await ask(pools, account, model, timeoutMs)
    return { ...answer, model, ms: clock.now() - startedAt }
  }
}

function ask(pools: Pools, account: PoolAccount, model: string, timeoutMs: number): Promise<Pick<ProbeResult, 'ok' | 'status' | 'message'>> {
  const reader = platformOf(account.platform).usage(false)
  let status: number | null = null
  let received = 0
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ ok: false, status, message: describe(error) })
    const body = Buffer.from(JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }))
    const input = { path: '/v1/messages', query: '', rawHeaders: ['content-type', 'application/json', 'anthropic-version', '2023-06-01'], body }
    const request = platformOf(account.platform).request(input, account)
    const source = openSource(pools.of(request.origin, account.proxyUrl), request, {
      head: (given) => {
        status = given
      },
      data(chunk) {
        received += chunk.length
        if (received <= MAX_ANSWER) reader.push(chunk)
      },
      end() {
        clearTimeout(timer)
        const { error, complete } = reader.end()
        const ok = status === 200 && complete
        resolve({ ok, status, message: ok ? '' : shorten(error ? `${error.type}: ${error.message}` : 'The answer is not a message in Anthropic format. Check the base URL.') })
      },
      error(error) {
        clearTimeout(timer)
        fail(error)
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
