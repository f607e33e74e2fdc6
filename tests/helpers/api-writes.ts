import type { GroupView, KeyWithSecret } from '#shared/types/api'
import type { ChannelView } from '#shared/types/notification'
import type { PriceView } from '#shared/types/price'
import type { ApiAnswer, ApiClient } from './api'
import { signIn } from './claude-server'
import type { OAuthServer } from './oauth'

/** What a write needs around it. */
export interface WriteScene {
  /** An admin, signed in. */
  api: ApiClient
  password: string
  /** A client that nobody is signed in with. */
  stranger(): ApiClient
  upstreamUrl: string
  oauth: OAuthServer
}

/** What an unsafe route leaves in the audit log, and how to make it do so; or why it leaves nothing. */
export type Write = { action: string, call(scene: WriteScene): Promise<unknown> } | { none: string }

/** In every secret that the calls below send: no audit row may hold it. */
export const SECRET_MARK = 'must-not-be-told'

const must = async (answer: Promise<ApiAnswer>): Promise<unknown> => {
  const { status, body } = await answer
  if (status >= 300) throw new Error(`answered ${status}: ${JSON.stringify(body)}`)
  return body
}

const account = ({ api, upstreamUrl }: WriteScene) => api.addAccount({ baseUrl: upstreamUrl, credentials: { apiKey: `upstream-${SECRET_MARK}` }, proxyUrl: null })
const group = ({ api }: WriteScene) => api.ok<GroupView>('POST', '/api/groups', { name: 'a group' })
const key = ({ api }: WriteScene, given: object = {}) => api.addKey({ key: `sk-own-${SECRET_MARK}-${Math.random().toString(36).slice(2)}`, ...given })
const channel = ({ api, upstreamUrl }: WriteScene) =>
  api.ok<ChannelView>('POST', '/api/notification-channels', { name: 'hook', kind: 'webhook', config: { url: `${upstreamUrl}/hook/${SECRET_MARK}` }, events: ['limit_near'] })
const price = (model: string) => ({ model, input: 1, output: 2 })

const withKey = (what: (scene: WriteScene, made: KeyWithSecret) => Promise<unknown>) => async (scene: WriteScene) => what(scene, await key(scene, { revealable: true }))

/** One row for every unsafe route below server/api; tests/integration/audit.test.ts makes each call and looks for its audit row. */
export const apiWrites: Record<string, Write> = {
  'ANY /api/**': { none: 'there is nothing behind it' },
  'POST /api/accounts': { action: 'account.create', call: account },
  'PATCH /api/accounts/:id': {
    action: 'account.update',
    call: async scene => must(scene.api.call('PATCH', `/api/accounts/${(await account(scene)).id}`, { weight: 7, credentials: { apiKey: `new-${SECRET_MARK}` }, proxyUrl: `http://user:${SECRET_MARK}@127.0.0.1:9` })),
  },
  'DELETE /api/accounts/:id': { action: 'account.delete', call: async scene => must(scene.api.call('DELETE', `/api/accounts/${(await account(scene)).id}`)) },
  'POST /api/accounts/:id/reset-state': { action: 'account.reset-state', call: async scene => must(scene.api.call('POST', `/api/accounts/${(await account(scene)).id}/reset-state`)) },
  'POST /api/accounts/:id/test': { action: 'account.test', call: async scene => must(scene.api.call('POST', `/api/accounts/${(await account(scene)).id}/test`, {})) },
  'POST /api/accounts/oauth/finish': { action: 'account.create', call: ({ api, oauth }) => signIn(api, oauth) },
  'POST /api/accounts/oauth/start': { none: 'nothing is changed until the sign-in is finished' },
  'POST /api/admin/prices': { action: 'price.create', call: ({ api }) => must(api.call('POST', '/api/admin/prices', price('made-up-1'))) },
  'DELETE /api/admin/prices/:id': { action: 'price.delete', call: async ({ api }) => must(api.call('DELETE', `/api/admin/prices/${(await api.ok<PriceView>('POST', '/api/admin/prices', price('made-up-2'))).id}`)) },
  'POST /api/admin/prices/import': { action: 'price.import', call: ({ api }) => must(api.call('POST', '/api/admin/prices/import', { source: 'a file', prices: [price('made-up-3')] })) },
  'POST /api/admin/prices/preview/file': { none: 'it only looks' },
  'POST /api/admin/prices/preview/url': { none: 'it only looks' },
  'PATCH /api/admin/settings/scheduling': { action: 'setting.update', call: ({ api }) => must(api.call('PATCH', '/api/admin/settings/scheduling', { soonestResetFirst: true })) },
  'POST /api/auth/change-password': {
    action: 'user.change-password',
    async call({ api, password }) {
      const next = `word-${SECRET_MARK}`
      await must(api.call('POST', '/api/auth/change-password', { currentPassword: password, newPassword: next }))
      await must(api.call('POST', '/api/auth/change-password', { currentPassword: next, newPassword: password }))
    },
  },
  'POST /api/auth/login': { action: 'session.start', call: ({ stranger, password }) => stranger().login('admin', password) },
  'POST /api/auth/logout': {
    action: 'session.end',
    async call({ stranger, password }) {
      const other = stranger()
      await other.login('admin', password)
      await must(other.call('POST', '/api/auth/logout'))
    },
  },
  'POST /api/groups': { action: 'group.create', call: group },
  'PATCH /api/groups/:id': { action: 'group.update', call: async scene => must(scene.api.call('PATCH', `/api/groups/${(await group(scene)).id}`, { remark: 'new' })) },
  'DELETE /api/groups/:id': { action: 'group.delete', call: async scene => must(scene.api.call('DELETE', `/api/groups/${(await group(scene)).id}`)) },
  'POST /api/keys': { action: 'key.create', call: scene => key(scene) },
  'PATCH /api/keys/:id': { action: 'key.update', call: withKey(({ api }, { id }) => must(api.call('PATCH', `/api/keys/${id}`, { name: 'renamed' }))) },
  'DELETE /api/keys/:id': { action: 'key.delete', call: withKey(({ api }, { id }) => must(api.call('DELETE', `/api/keys/${id}`))) },
  'POST /api/keys/:id/reveal': { action: 'key.reveal', call: withKey(({ api }, { id }) => must(api.call('POST', `/api/keys/${id}/reveal`))) },
  'POST /api/keys/:id/rotate': { action: 'key.rotate', call: withKey(({ api }, { id }) => must(api.call('POST', `/api/keys/${id}/rotate`, { key: `sk-rotated-${SECRET_MARK}-${id}` }))) },
  'POST /api/keys/batch': { action: 'key.update', call: withKey(({ api }, { id }) => must(api.call('POST', '/api/keys/batch', { action: 'disable', ids: [id] }))) },
  'POST /api/notification-channels': { action: 'channel.create', call: channel },
  'PATCH /api/notification-channels/:id': {
    action: 'channel.update',
    call: async scene => must(scene.api.call('PATCH', `/api/notification-channels/${(await channel(scene)).id}`, { config: { url: `${scene.upstreamUrl}/new/${SECRET_MARK}` } })),
  },
  'DELETE /api/notification-channels/:id': { action: 'channel.delete', call: async scene => must(scene.api.call('DELETE', `/api/notification-channels/${(await channel(scene)).id}`)) },
  'POST /api/notification-channels/:id/test': { action: 'channel.test', call: async scene => must(scene.api.call('POST', `/api/notification-channels/${(await channel(scene)).id}/test`)) },
}
