import type { Principal } from '#server/keys/principal'

export interface GivenPrincipal { key?: Partial<Principal['key']>, owner?: Partial<Principal['owner']>, group?: Partial<NonNullable<Principal['group']>> | null }

/** Who a request is from, without any limit unless given. */
export const principal = ({ key, owner, group }: GivenPrincipal): Principal => ({
  key: { id: 'k', name: 'k', ownerId: 'o', groupId: null, enabled: true, expiresAt: null, expiresInDays: null, models: [], ipAllow: [], clients: [], limits: {}, ...key },
  owner: { id: 'o', username: 'o', role: 'user', enabled: true, sharedPool: true, locale: null, ...owner },
  group: group ? { id: 'g', name: 'g', ownerId: 'o', enabled: true, multiplierBp: 10_000, priceBy: 'asked', ...group } : null,
})
