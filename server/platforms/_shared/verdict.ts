/** What an error answer means, before any of its bytes went to the client. */
export type Verdict
  /** The caller's matter: the answer goes to the client as it is, the account is untouched. */
  = | 'pass'
  /** This account cannot do what was asked, another may: it keeps its state. */
    | 'pass_over'
  /** The account's credentials, permission or credit: it needs time or a person. */
    | 'account_fault'
  /** The account has used up an allowance. */
    | 'limited'
  /** A hiccup: counts towards the account's breaker. */
    | 'transient'

/** An error as its receiver gets it, in Anthropic's words. */
export interface AnswerError {
  type: string
  message: string
  /** The upstream's own words where its format is another one: what verdict tables look at. Never sent to a client. */
  said?: string
}

export interface ErrorAnswer {
  status: number
  /** Flat. */
  rawHeaders: readonly string[]
  error: AnswerError | null
  call: 'messages' | 'count_tokens'
}

export interface Judgement {
  verdict: Verdict
  /** Short code for logs, the account's state and the console. */
  reason: string
  /** Epoch-ms of the reset that the answer names, or null. */
  until: number | null
  /** Model family that alone is limited, or null for the whole account. */
  family: string | null
}

/** One row of a platform's table: the first row whose conditions all hold decides. */
export interface VerdictRow {
  status: readonly number[] | 'any'
  /** Must match the error's type or message. */
  says?: RegExp
  verdict: Verdict
  reason: string
}

/** Looks the answer up in a table; the table's last row must match everything. */
export function lookUp(rows: readonly VerdictRow[], { status, error }: ErrorAnswer): VerdictRow {
  const wording = error ? error.said ?? `${error.type}: ${error.message}` : ''
  const row = rows.find(one => (one.status === 'any' || one.status.includes(status)) && (!one.says || one.says.test(wording)))
  if (!row) throw new Error('the verdict table has no row for everything else')
  return row
}
