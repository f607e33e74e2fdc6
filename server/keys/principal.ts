/** Who a relay request is from: proved by the key, read from memory. */
export interface Principal {
  key: KeyFacts
  owner: OwnerFacts
  /** Null: the shared pool. */
  group: GroupFacts | null
}

export interface KeyFacts {
  id: string
  name: string
  ownerId: string
  groupId: string | null
  enabled: boolean
  /** Epoch-ms. */
  expiresAt: number | null
  expiresInDays: number | null
  models: string[]
  ipAllow: string[]
  clients: string[]
  limits: Record<string, unknown>
  /** Epoch-ms of the first request that was let in. */
  firstUsedAt?: number | null
  /** What of the settings can't be read: the key is refused. */
  broken?: string
}

export interface OwnerFacts {
  id: string
  username: string
  role: 'admin' | 'user'
  enabled: boolean
  sharedPool: boolean
  locale: string | null
}

export interface GroupFacts {
  id: string
  name: string
  ownerId: string
  enabled: boolean
  multiplierBp: number
  priceBy: 'asked' | 'served'
}
