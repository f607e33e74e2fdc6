import type { GroupView, KeyWithSecret, ListOf } from '#shared/types/api'
import type { ShareWithToken } from '#shared/types/key-query'
import type { ChannelView } from '#shared/types/notification'
import type { PriceView } from '#shared/types/price'
import type { InviteWithCode, SessionView, UserWithPassword } from '#shared/types/user'
import type { ApiAnswer, ApiClient } from './api'
import { signIn } from './claude-server'
import { bringsCode, codeIn as codeOf } from './mail'
import type { OAuthServer } from './oauth'
import type { ReceivedMail } from './smtp'
import { poll } from './until'

/** What a write needs around it. */
export interface WriteScene {
  /** An admin, signed in. */
  api: ApiClient
  password: string
  /** A client that nobody is signed in with. */
  stranger(): ApiClient
  upstreamUrl: string
  /** What the mail server got. */
  mails: readonly ReceivedMail[]
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

/** Begins as a PNG does; the mark stands where pixels would. */
const picture = Buffer.from(`\x89PNG\r\n\x1A\n${SECRET_MARK}`, 'latin1').toString('base64')

const share = ({ api }: WriteScene, id: string) => api.ok<ShareWithToken>('POST', `/api/keys/${id}/shares`, { name: 'for the team', scope: 'limits' })

const withKey = (what: (scene: WriteScene, made: KeyWithSecret) => Promise<unknown>) => async (scene: WriteScene) => what(scene, await key(scene, { revealable: true }))

let names = 0
const newName = () => `person${++names}`
const invited = ({ api }: WriteScene) => api.ok<InviteWithCode>('POST', '/api/admin/invites', {})
const person = ({ api }: WriteScene, username = newName()) => api.ok<UserWithPassword>('POST', '/api/admin/users', { username, email: `${username}@example.com` })

/** A user of one's own, signed in, whose start password is replaced by one that carries the mark. */
async function signedIn(scene: WriteScene): Promise<{ client: ApiClient, username: string, address: string }> {
  const { user: { username, email }, password } = await person(scene)
  const client = scene.stranger()
  await client.login(username, password)
  await must(client.call('POST', '/api/auth/change-password', { currentPassword: password, newPassword: `word-${SECRET_MARK}` }))
  return { client, username, address: email! }
}

const codeIn = async ({ mails }: WriteScene, address: string): Promise<string> =>
  await poll(async () => mails.filter(mail => mail.to.includes(address) && bringsCode(mail)).map(codeOf).at(-1), `a code for ${address}`)

/** Asks for a code and reads it in the mail. */
async function codeFor(scene: WriteScene, client: ApiClient, purpose: string, email: string): Promise<{ codeId: string, code: string }> {
  const { codeId } = await must(client.call('POST', '/api/auth/codes', { purpose, email })) as { codeId: string }
  return { codeId, code: await codeIn(scene, email) }
}

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
  'POST /api/admin/invites': { action: 'invite.create', call: invited },
  'DELETE /api/admin/invites/:id': { action: 'invite.revoke', call: async scene => must(scene.api.call('DELETE', `/api/admin/invites/${(await invited(scene)).invite.id}`)) },
  'PATCH /api/admin/settings': { action: 'setting.update', call: ({ api }) => must(api.call('PATCH', '/api/admin/settings', { scheduling: { soonestResetFirst: true } })) },
  'PUT /api/admin/settings/logo': { action: 'setting.update', call: ({ api }) => must(api.call('PUT', '/api/admin/settings/logo', { data: picture })) },
  'DELETE /api/admin/settings/logo': {
    action: 'setting.delete',
    async call({ api }) {
      await must(api.call('PUT', '/api/admin/settings/logo', { data: picture }))
      await must(api.call('DELETE', '/api/admin/settings/logo'))
    },
  },
  'POST /api/admin/users': { action: 'user.create', call: person },
  'PATCH /api/admin/users/:id': { action: 'user.update', call: async scene => must(scene.api.call('PATCH', `/api/admin/users/${(await person(scene)).user.id}`, { sharedPool: true })) },
  'DELETE /api/admin/users/:id': { action: 'user.delete', call: async scene => must(scene.api.call('DELETE', `/api/admin/users/${(await person(scene)).user.id}`)) },
  'POST /api/admin/users/:id/reset-password': { action: 'user.reset-password', call: async scene => must(scene.api.call('POST', `/api/admin/users/${(await person(scene)).user.id}/reset-password`)) },
  'POST /api/auth/check-invite': { none: 'it only looks' },
  'POST /api/auth/codes': { none: 'a code is sent, nothing is changed' },
  'POST /api/auth/register': {
    action: 'user.register',
    async call(scene) {
      await must(scene.api.call('PATCH', '/api/admin/settings', { registration: { mode: 'invite' } }))
      const { code } = await invited(scene)
      await must(scene.stranger().call('POST', '/api/auth/register', { username: newName(), password: `word-${SECRET_MARK}`, invite: code }))
    },
  },
  'POST /api/auth/reset-password': {
    action: 'user.reset-password',
    async call(scene) {
      const { address } = await signedIn(scene)
      const code = await codeFor(scene, scene.stranger(), 'reset_password', address)
      await must(scene.stranger().call('POST', '/api/auth/reset-password', { ...code, newPassword: `new-${SECRET_MARK}` }))
    },
  },
  'POST /api/auth/sign-in-by-code': {
    action: 'session.start',
    async call(scene) {
      const { address } = await signedIn(scene)
      const code = await codeFor(scene, scene.stranger(), 'sign_in', address)
      await must(scene.stranger().call('POST', '/api/auth/sign-in-by-code', code))
    },
  },
  'POST /api/public/key-stats': { none: 'it only looks' },
  'PATCH /api/profile': { action: 'user.update', call: async scene => must((await signedIn(scene)).client.call('PATCH', '/api/profile', { username: newName() })) },
  'POST /api/profile/email': { none: 'nothing is changed before the code is confirmed' },
  'POST /api/profile/email/confirm': {
    action: 'user.change-email',
    async call(scene) {
      const { client } = await signedIn(scene)
      const email = `${newName()}@example.com`
      const { codeId } = await must(client.call('POST', '/api/profile/email', { email, currentPassword: `word-${SECRET_MARK}` })) as { codeId: string }
      await must(client.call('POST', '/api/profile/email/confirm', { email, codeId, code: await codeIn(scene, email) }))
    },
  },
  'DELETE /api/sessions': { action: 'session.end-all', call: async scene => must((await signedIn(scene)).client.call('DELETE', '/api/sessions')) },
  'DELETE /api/sessions/:id': {
    action: 'session.end',
    async call(scene) {
      const { client, username } = await signedIn(scene)
      await scene.stranger().login(username, `word-${SECRET_MARK}`)
      const { items } = await client.ok<ListOf<SessionView>>('GET', '/api/sessions')
      await must(client.call('DELETE', `/api/sessions/${items.find(({ current }) => !current)!.id}`))
    },
  },
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
  'POST /api/keys/:id/shares': { action: 'share_link.create', call: withKey((scene, { id }) => share(scene, id)) },
  'DELETE /api/keys/:id/shares/:shareId': { action: 'share_link.revoke', call: withKey(async (scene, { id }) => must(scene.api.call('DELETE', `/api/keys/${id}/shares/${(await share(scene, id)).id}`))) },
  'POST /api/keys/batch': { action: 'key.update', call: withKey(({ api }, { id }) => must(api.call('POST', '/api/keys/batch', { action: 'disable', ids: [id] }))) },
  'POST /api/notification-channels': { action: 'channel.create', call: channel },
  'PATCH /api/notification-channels/:id': {
    action: 'channel.update',
    call: async scene => must(scene.api.call('PATCH', `/api/notification-channels/${(await channel(scene)).id}`, { config: { url: `${scene.upstreamUrl}/new/${SECRET_MARK}` } })),
  },
  'DELETE /api/notification-channels/:id': { action: 'channel.delete', call: async scene => must(scene.api.call('DELETE', `/api/notification-channels/${(await channel(scene)).id}`)) },
  'POST /api/notification-channels/:id/test': { action: 'channel.test', call: async scene => must(scene.api.call('POST', `/api/notification-channels/${(await channel(scene)).id}/test`)) },
}
