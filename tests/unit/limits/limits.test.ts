import { describe, expect, it } from 'vitest'
import type { Principal } from '#server/keys/principal'
import { admit } from '#server/limits/index'
import type { AdmitContext } from '#server/limits/limit'
import { RelayError } from '#server/relay/errors'

interface Given { key?: Partial<Principal['key']>, owner?: Partial<Principal['owner']>, group?: Partial<NonNullable<Principal['group']>> | null }

const principal = ({ key, owner, group }: Given): Principal => ({
  key: { id: 'k', name: 'k', ownerId: 'o', groupId: null, enabled: true, expiresAt: null, expiresInDays: null, models: [], ipAllow: [], clients: [], limits: {}, ...key },
  owner: { id: 'o', username: 'o', role: 'user', enabled: true, sharedPool: true, locale: null, ...owner },
  group: group ? { id: 'g', name: 'g', ownerId: 'o', enabled: true, multiplierBp: 10_000, priceBy: 'asked', ...group } : null,
})

function codeOf(given: Given, over: Partial<AdmitContext> = {}): string {
  const context: AdmitContext = { principal: principal(given), model: 'claude-sonnet-5-5', ip: '203.0.113.7', userAgent: 'claude-cli/2.1.330 (external, cli)', now: 1000, ...over }
  try {
    admit('key', context)
    admit('request', context)
  }
  catch (error) {
    if (error instanceof RelayError) return error.code
    throw error
  }
  return 'admitted'
}

describe('what a key must pass', () => {
  it.each<[string, Given, string]>([
    ['an enabled key', {}, 'admitted'],
    ['a disabled key', { key: { enabled: false } }, 'key_disabled'],
    ['a key of a disabled owner', { owner: { enabled: false } }, 'key_disabled'],
    ['a key of a disabled group', { group: { enabled: false } }, 'key_disabled'],
    ['a key that expires now', { key: { expiresAt: 1000 } }, 'key_expired'],
    ['a key that expires in a moment', { key: { expiresAt: 1001 } }, 'admitted'],
    ['an expired key that is disabled too', { key: { expiresAt: 1, enabled: false } }, 'key_expired'],
    ['a model on the list', { key: { models: ['claude-sonnet-*'] } }, 'admitted'],
    ['a model off the list', { key: { models: ['claude-haiku-*'] } }, 'model_denied'],
    ['an address in a range', { key: { ipAllow: ['203.0.113.0/24'] } }, 'admitted'],
    ['an address outside', { key: { ipAllow: ['203.0.113.8', '2001:db8::/32'] } }, 'ip_denied'],
    ['Claude Code', { key: { clients: ['claude-code'] } }, 'admitted'],
    ['another client', { key: { clients: ['opencode'] } }, 'client_denied'],
  ])('%s', (_, given, code) => {
    expect(codeOf(given)).toBe(code)
  })

  it('an address that is not known is in no range, and a client without a name is none of the allowed', () => {
    expect(codeOf({ key: { ipAllow: ['0.0.0.0/0'] } }, { ip: '' })).toBe('ip_denied')
    expect(codeOf({ key: { clients: ['claude-code'] } }, { userAgent: undefined })).toBe('client_denied')
    expect(codeOf({ key: { clients: ['claude-code'] } }, { userAgent: 'not-claude-cli/1' })).toBe('client_denied')
  })
})
