import { adminEvents, notificationEvents, type NotificationEvent } from '#shared/schemas/notification'
import { problem, problemsOf } from '#shared/schemas/errors'
import type { UserRow } from '../db/repos/users'
import { invalid, invalidField } from '../lib/errors'
import { isPrivateUrl } from '../lib/private-address'
import { fold } from '../users/fold'
import type { ChannelKind } from './kinds/kind'
import type { Sender } from './sender'

export function requireKind(sender: Pick<Sender, 'kinds' | 'mailer'>, id: string): ChannelKind {
  const kind = Object.hasOwn(sender.kinds, id) ? sender.kinds[id] : undefined
  const usable = Object.values(sender.kinds).filter(each => each.available(sender))
  if (!kind || !usable.includes(kind)) throw invalidField('kind', 'errors.choice', { values: usable.map(each => each.id).join(', ') })
  return kind
}

/** Some events are the business of admins. */
export function refuseEvents(owner: UserRow, events: readonly NotificationEvent[]): void {
  if (owner.role === 'admin' || !events.some(event => adminEvents.includes(event))) return
  throw invalidField('events', 'errors.choice', { values: notificationEvents.filter(event => !adminEvents.includes(event)).join(', ') })
}

/**
 * The config as its kind wants it; null fields count as absent. Users may neither reach into the operator's network nor
 * send mail to others than themselves. Addresses that only resolve to private ones are refused when connecting.
 */
export function checkedConfig(kind: ChannelKind, owner: UserRow, given: Record<string, unknown>): Record<string, unknown> {
  const parsed = kind.config.safeParse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)))
  if (!parsed.success) throw invalid(problemsOf(parsed.error).map(({ path, key, params }) => problem(path ? `config.${path}` : 'config', key, params)))
  const config = parsed.data as Record<string, unknown>
  if (owner.role === 'admin') return config
  const inside = Object.entries(config).filter(([, value]) => kind.urls(config).some(url => url === value && isPrivateUrl(url)))
  if (inside.length > 0) throw invalid(inside.map(([name]) => problem(`config.${name}`, 'errors.urlPrivate')))
  if (kind.id === 'email' && (owner.emailKey === null || fold(String(config.to)) !== owner.emailKey)) throw invalidField('config.to', 'errors.emailOwn')
  return config
}
