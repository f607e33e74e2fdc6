/** What the worker is asked. The body is copied, not moved: it may still be on its way elsewhere. */
export interface EstimateQuestion {
  id: number
  body: Uint8Array
  /** Content-encoding, in lower case. */
  encoding: string | undefined
  /** Of the decoded body. */
  maxBytes: number
}

export type EstimateAnswer = { id: number, tokens: number } | { id: number, error: string }
