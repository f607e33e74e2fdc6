import type { UserView } from './api'

/** A user as admins see them. */
export interface AdminUserView extends UserView {
  /** What belongs to the user. */
  groupCount: number
  accountCount: number
  keyCount: number
}

/** Answer of making a user and of resetting a password: the only time that the start password is told. */
export interface UserWithPassword {
  user: AdminUserView
  password: string
}

export interface InviteView {
  id: string
  /** The user gets this address. */
  email: string | null
  maxUses: number
  uses: number
  createdByName: string | null
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
  state: 'open' | 'used_up' | 'expired' | 'revoked'
}

/** Answer of making an invitation: the only time that its code is told. */
export interface InviteWithCode {
  invite: InviteView
  code: string
}

/** Answer of POST /api/auth/check-invite. */
export interface InviteCheckView {
  email: string | null
  expiresAt: number | null
}

/** A code is on its way, if the address is somebody's. */
export interface CodeSentView {
  codeId: string
  expiresAt: number
}

export interface SessionView {
  id: string
  ip: string | null
  userAgent: string | null
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  /** Is it the one that asks? */
  current: boolean
}
