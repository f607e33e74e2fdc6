import type { Journal } from '#server/billing/journal'
import { listTerms } from '#server/billing/journal-lines'
import type { ClosedRequest, OpenedRequest, PricingTerms } from '#shared/types/log'
import type { Usage } from '#shared/types/usage'

/** One line each, in a write of its own. */
export const opened = (journal: Journal, request: OpenedRequest, terms: PricingTerms = listTerms): void => void journal.write([{ kind: 'opened', request, terms }])
export const noted = (journal: Journal, requestId: string, usage: Usage, servedModel: string | null): void => void journal.write([{ kind: 'usage', requestId, usage, servedModel }])
export const closed = (journal: Journal, row: ClosedRequest): void => void journal.write([{ kind: 'closed', row }])
