import type { NotificationEvent } from '../schemas/notification'
import type { FormField } from './form'

/** How the delivery of a message ended. */
export type DeliveryReason = 'delivered' | 'refused' | 'redirected' | 'timeout' | 'unreachable' | 'private_address' | 'tls' | 'unreadable' | 'unavailable'

/** Secrets never leave the server: `shown` holds, per field that is set, its end or, where it is none, its value. */
export interface ChannelView {
  id: string
  ownerId: string
  ownerName: string | null
  kind: string
  name: string
  shown: Record<string, string>
  events: NotificationEvent[]
  enabled: boolean
  lastSuccessAt: number | null
  lastError: { at: number, reason: DeliveryReason, message: string } | null
  createdAt: number
  updatedAt: number
}

export interface ChannelTestView {
  ok: boolean
  reason: DeliveryReason
  /** HTTP or SMTP status; null when there was no answer. */
  status: number | null
  /** What the other side said. */
  message: string
  ms: number
}

export interface ChannelKindView {
  id: string
  /** An i18n key. */
  label: string
  /** False: this installation lacks what the kind needs. */
  available: boolean
  form: FormField[]
}
