import type { z } from 'zod'
import type { FormField } from '#shared/types/form'
import type { DeliveryReason } from '#shared/types/notification'
import type { Mailer } from '../../lib/mailer'
import type { Outbound } from '../../lib/outbound'
import type { Message } from '../message'

/** What a kind sends with. */
export interface Means {
  outbound: Outbound
  /** Null: no mail server is set. */
  mailer: Mailer | null
  /** May the channel reach into the operator's network? */
  allowPrivate: boolean
  /** Epoch-ms, for signatures. */
  now: number
}

/** How an attempt ended. `message` is the other side's own text, short. */
export interface Delivery {
  ok: boolean
  reason: DeliveryReason
  /** HTTP or SMTP status. */
  status: number | null
  message: string
  /** The other side asked to wait so long before the next attempt. */
  retryAfterMs?: number
}

/** A way to reach people. One file each, registered in index.ts; every kind passes tests/unit/notifications/kinds.test.ts. */
export interface ChannelKind<C extends z.ZodType = z.ZodType> {
  id: string
  /** An i18n key. */
  label: string
  config: C
  /** Fields named `config.…`. */
  form: FormField[]
  /** Addresses in the config that get called. */
  urls(config: z.output<C>): string[]
  /** Per field that is set: what may be shown of it. */
  shown(config: z.output<C>): Record<string, string>
  available(means: Pick<Means, 'mailer'>): boolean
  /** Resolves with a refusal as well; rejects when there was no answer. */
  send(message: Message, config: z.output<C>, means: Means): Promise<Delivery>
}

/** Kinds of different configs in one registry: configs are parsed by the kind that they are given to. */
export const defineKind = <C extends z.ZodType>(kind: ChannelKind<C>): ChannelKind => kind as unknown as ChannelKind
