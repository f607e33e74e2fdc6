import type { PriceEntry } from '#server/billing/prices'
import type { ClosedRequest } from '#shared/types/log'
import { closedRequest } from './requests'

/** An own price: 3 USD in, 9 out, 0.1 for cache reads, per million tokens. */
export const ownPrice = (model: string): PriceEntry => ({
  id: 'p1', model, kind: 'own', version: 'own-p1',
  prices: { base: { input: 3_000_000, output: 9_000_000, cacheRead: 100_000, cacheWrite5m: 3_000_000, cacheWrite1h: 3_000_000 }, fast: null, longPrompt: null, webSearch: 0 },
})

/** A settled request for a model that no price is known of. */
export const unpricedRequest = (id: string, some: Partial<ClosedRequest> = {}): ClosedRequest => closedRequest(id, {
  model: 'glm-9', servedModel: 'glm-9', priced: false, priceVersion: 'before', costNano: 0, billedNano: 0,
  costParts: { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 }, ...some,
})
