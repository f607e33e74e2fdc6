import { createHash } from 'node:crypto'
import type { AccountDirectory } from '../accounts/directory'
import type { AccountStates } from '../accounts/states'
import type { Renewal, Tokens } from '../accounts/tokens'
import { withToken } from '../accounts/with-token'
import type { Principal } from '../keys/principal'
import { ExpiringMap } from '../kv/expiring-map'
import type { Clock } from '../lib/clock'
import { platformOf } from '../platforms/index'
import type { PoolAccount, RelayInput } from '../platforms/platform'
import { draw, sift } from '../scheduler/choose'
import type { MissingModels } from '../scheduler/missing-models'
import type { Sticky } from '../scheduler/sticky'
import type { Call, CallAnswer } from './call'
import type { Estimator } from './estimate/estimator'
import { emptyPool } from './final'
import { headerOf } from './headers'
import { eventOf, notRenewed, unanswered } from './outcome'
import type { Peeked } from './peek'

/** An answer to count_tokens, the same for all who asked the same. */
export interface Counted extends CallAnswer {
  /** No upstream counted: it is an estimate. */
  estimated: boolean
}

export interface CountQuestion extends RelayInput {
  principal: Principal
  body: Buffer
  facts: Peeked
  /** Sticky key: the session's own account knows its thinking blocks. */
  session: string | null
}

/** Counts input tokens at an upstream that can, else by estimate. Equal questions share one upstream call and its answer. */
export interface Counter {
  /** Throws RelayError `pool_empty` when the key has no accounts at all. */
  count(question: CountQuestion): Promise<Counted>
}

export interface CounterDeps {
  pool: AccountDirectory
  states: AccountStates
  tokens: Tokens
  missing: MissingModels
  sticky: Sticky
  call: Call
  estimator: Estimator
  clock: Clock
  random: () => number
  timeoutMs: number
  maxAttempts: number
}

const MAX_KEPT = 2_000
/** What an upstream counted stays right; an estimate is better replaced soon. */
const KEEP_MS = { counted: 600_000, estimated: 60_000 }
/** How long an account is not asked again that lacks the call. */
const LACKING_MS = 3_600_000
/** A page or a redirect instead of a count is no count either. */
const lacksCall = (status: number): boolean => status < 400 || [404, 405, 501].includes(status)

export function createCounter(deps: CounterDeps): Counter {
  const { pool, states, tokens, missing, sticky, call, estimator, clock, random, timeoutMs, maxAttempts } = deps
  const kept = new ExpiringMap<Counted>(clock)
  const running = new Map<string, Promise<Counted>>()
  const lacking = new ExpiringMap<true>(clock)

  const lacks = (account: PoolAccount): boolean => !platformOf(account.platform).countsTokens || lacking.get(account.id) === true

  /** Counting takes no place on an account and moves no session. */
  function next(question: CountQuestion, tried: ReadonlySet<string>, own: string | null): PoolAccount | null {
    const candidates = pool.candidates(question.principal).filter(account => !lacks(account))
    const { fit } = sift(candidates, { model: question.facts.model, tried, lacks: missing.lacks, now: clock.now() })
    return fit.find(({ id }) => id === own) ?? (fit.length > 0 ? draw(fit, random) : null)
  }

  function ask(account: PoolAccount, input: RelayInput): Promise<{ answer: CallAnswer, renewal: Renewal | null }> {
    const platform = platformOf(account.platform)
    return withToken(tokens, account, {
      send: () => call(platform.request(input, account), account, { timeoutMs }),
      isUnauthorized: ({ status }) => status === 401,
    })
  }

  /** The account's answer if it is one for the client, else null: on to the next account. */
  async function tryAccount(account: PoolAccount, question: CountQuestion): Promise<CallAnswer | null> {
    let answer: CallAnswer
    let renewal: Renewal | null
    try {
      ({ answer, renewal } = await ask(account, question))
    }
    catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      states.apply(account, unanswered(error, code ?? 'network', message))
      return null
    }
    if (answer.status === 200 && isCount(answer.body)) return answer
    // The state of a refused account is set already.
    if (renewal?.kind === 'refused') return null
    if (renewal?.kind === 'failed') {
      states.apply(account, notRenewed(renewal.evidence))
      return null
    }
    const reader = platformOf(account.platform).usage(false)
    reader.push(answer.body)
    const { error } = reader.end()
    const judgement = platformOf(account.platform).judge({ status: answer.status, rawHeaders: answer.rawHeaders, error, call: 'count_tokens' }, clock.now())
    if (judgement.reason === 'model_missing') missing.note(account.id, question.facts.model)
    else if (lacksCall(answer.status)) lacking.set(account.id, true, clock.now() + LACKING_MS)
    else if (judgement.verdict === 'pass') return answer
    const event = lacksCall(answer.status) ? null : eventOf(judgement, `${answer.status} ${error ? `${error.type}: ${error.message}` : ''}`.trim())
    if (event) states.apply(account, event)
    return null
  }

  async function run(question: CountQuestion): Promise<Counted> {
    const own = question.session === null ? null : await sticky.get(question.session)
    const tried = new Set<string>()
    while (tried.size < maxAttempts) {
      const account = next(question, tried, own)
      if (!account) break
      tried.add(account.id)
      const answer = await tryAccount(account, question)
      if (answer) return { ...answer, estimated: false }
    }
    const inputTokens = await estimator.estimate(question.body, headerOf(question.rawHeaders, 'content-encoding'))
    return { status: 200, rawHeaders: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify({ input_tokens: inputTokens })), estimated: true }
  }

  return {
    async count(question) {
      // Before what is kept: it may be of a key that has accounts, where this one has none.
      if (pool.candidates(question.principal).length === 0) throw emptyPool()
      const key = keyOf(question)
      const known = kept.get(key) ?? running.get(key)
      if (known) return known
      const counted = run(question).then((answer) => {
        if (kept.size >= MAX_KEPT) kept.clear()
        if (answer.status === 200) kept.set(key, answer, clock.now() + (answer.estimated ? KEEP_MS.estimated : KEEP_MS.counted))
        return answer
      }).finally(() => running.delete(key))
      running.set(key, counted)
      return counted
    },
  }
}

function isCount(body: Buffer): boolean {
  try {
    return typeof (JSON.parse(body.toString('utf8')) as { input_tokens?: unknown } | null)?.input_tokens === 'number'
  }
  catch {
    return false
  }
}

/** Equal questions: the same pool, body, and headers that an upstream counts by. */
function keyOf({ principal, body, query, rawHeaders }: CountQuestion): string {
  const hash = createHash('sha256')
  for (const part of [principal.group?.id ?? '', query, headerOf(rawHeaders, 'anthropic-beta') ?? '', headerOf(rawHeaders, 'anthropic-version') ?? '', headerOf(rawHeaders, 'content-encoding') ?? '']) hash.update(`${part}\n`)
  return hash.update(body).digest('base64url')
}
