/** Who did what, and what it changed. */
export interface AuditView {
  id: string
  createdAt: number
  userId: string | null
  userName: string | null
  /** `<resource>.<verb>`, e.g. `key.create`. */
  action: string
  targetType: string
  targetId: string | null
  targetName: string | null
  /** Of a change only the fields that differ; null before a creation and after a deletion. Never a secret. */
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  ip: string | null
}

/** What the rows can be filtered by. */
export interface AuditValuesView {
  actions: string[]
  people: { id: string, name: string }[]
}

/** One write or failure of the JSON API. */
export interface ApiLogView {
  id: string
  createdAt: number
  userId: string | null
  userName: string | null
  method: string
  /** Without the query. */
  path: string
  status: number
  durationMs: number
  ip: string | null
  userAgent: string | null
  errorCode: string | null
}
