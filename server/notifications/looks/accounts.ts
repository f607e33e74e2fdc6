import { stateOf } from '../../accounts/state-columns'
import type { AccountRow } from '../../db/repos/accounts'
import { redactText } from '../../lib/redact'
import type { Audience, Standings } from './look'

/** Accounts that do not work until somebody does something. An account without a group is of the shared pool, which is the admins'. */
export function lookAtAccounts(accounts: readonly AccountRow[], now: number): Standings {
  const standings: Standings = new Map()
  for (const row of accounts) {
    if (!row.enabled) continue
    const subject = `account:${row.id}`
    const account = { id: row.id, name: row.name }
    const { name, reason, evidence, since } = stateOf(row)
    if (name !== 'abnormal') {
      standings.set(subject, { state: 'right', facts: { event: 'account_normal', at: now, account, reason: null, evidence: null } })
      continue
    }
    const facts = { event: 'account_abnormal' as const, at: since, account, reason, evidence: evidence && redactText(evidence) }
    standings.set(subject, { state: 'wrong', occasion: { event: 'account_abnormal', subject, audience: audienceOf(row), facts } })
  }
  return standings
}

const audienceOf = ({ groupId, ownerId }: AccountRow): Audience => (groupId === null ? 'admins' : { ownerId })
