/** One allowance of an account as its upstream last told of it. */
export interface UsageWindow {
  /** `5h`, `7d`, or with a model family: `7d_opus`. */
  id: string
  /** 0 to 1; above 1 when more was used than allowed. Null: not told. */
  used: number | null
  /** Epoch-ms, or null: not told. */
  resetsAt: number | null
  /** The upstream's own word, such as `allowed_warning`. */
  status: string | null
}

/** What is known of an account's windows, and since when (epoch-ms). */
export interface UsageWindows {
  at: number
  windows: UsageWindow[]
}
