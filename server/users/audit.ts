import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'
import type { Actor } from './actor'

export interface AuditEntry {
  /** `<resource>.<verb>`, e.g. `key.create`. */
  action: string
  target: { type: 'user' | 'group' | 'account' | 'key' | 'session' | 'price' | 'setting' | 'channel' | 'invite', id: string | null, name: string | null }
  /** Views, which hold no secrets. */
  before?: object | null
  after?: object | null
}

export type Audit = (actor: Pick<Actor, 'id' | 'username' | 'ip'>, entry: AuditEntry) => Promise<void>

/** Writes who did what. Of a change only the fields that differ are kept. */
export function createAudit({ repos, clock }: { repos: Repos, clock: Clock }): Audit {
  return async (actor, { action, target, before = null, after = null }) => {
    const changed = before && after ? differing(before, after) : null
    await repos.auditLogs.insert({
      id: newId(),
      createdAt: clock.now(),
      userId: actor.id,
      userName: actor.username,
      action,
      targetType: target.type,
      targetId: target.id,
      targetName: target.name,
      before: json(before, changed),
      after: json(after, changed),
      ip: actor.ip,
    })
  }
}

function json(value: object | null, fields: Set<string> | null): string | null {
  return value && JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => fields?.has(name) ?? true)))
}

function differing(before: object, after: object): Set<string> {
  const old = new Map(Object.entries(before))
  return new Set(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old.get(name))).map(([name]) => name))
}
