import { parseColumn, timeMap } from '../lib/json-column'
import type { AccountState } from '../platforms/platform'

/** An account's state as its row keeps it. */
export const stateColumns = (state: AccountState) => ({
  stateName: state.name,
  stateReason: state.reason,
  stateEvidence: state.evidence,
  stateSince: state.since,
  stateUntil: state.until,
  stateNextProbe: state.nextProbe,
  stateFailures: state.failures,
  modelLimits: JSON.stringify(state.modelLimits),
})

/** Throws when the row's JSON is broken. */
export const stateOf = (row: ReturnType<typeof stateColumns>): AccountState => ({
  name: row.stateName,
  reason: row.stateReason,
  evidence: row.stateEvidence,
  since: row.stateSince,
  until: row.stateUntil,
  nextProbe: row.stateNextProbe,
  failures: row.stateFailures,
  modelLimits: parseColumn(timeMap, row.modelLimits, 'accounts.model_limits'),
})
