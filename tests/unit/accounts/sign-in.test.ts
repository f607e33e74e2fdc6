import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signInFinishSchema, signInStartSchema } from '#shared/schemas/account'
import { groupCreateSchema } from '#shared/schemas/group'
import { openCredentials } from '#server/accounts/secrets'
import { createCall } from '#server/relay/call'
import { createPools, type Pools } from '#server/relay/pools'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { startOAuth, type OAuthServer } from '../../helpers/oauth'

let oauth: OAuthServer
let pools: Pools
let domain: Domain
let admin: Actor
let ann: Actor

beforeAll(async () => {
  oauth = await startOAuth()
  pools = createPools({ connectTimeoutMs: 1_000 })
  domain = await openDomain({ CLAUDE_AUTH_BASE_URL: oauth.url }, createCall(pools))
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
})
afterAll(async () => {
  await domain?.close()
  await pools?.close()
  await oauth?.close()
})
beforeEach(() => void (oauth.requests.length = 0))
afterEach(() => void (oauth.before = null))

const start = (actor: Actor, input: object = {}) => domain.services.signIns.start(actor, signInStartSchema.parse(input))
const finish = (actor: Actor, input: object) => domain.services.signIns.finish(actor, signInFinishSchema.parse(input))
const wrong = (key: string, path = 'code') => ({ code: 'validation', options: { details: [expect.objectContaining({ path, key }) as object] } })
const row = async (id: string) => (await domain.repos.accounts.get(id))!

describe('signing an account in', () => {
  it.each(['shown', 'callback'] as const)('takes the code as %s, and keeps tokens and their end', async (form) => {
    const { flowId, url, expiresAt } = await start(admin)
    expect(expiresAt).toBe(domain.time.now + 600_000)
    const made = await finish(admin, { flowId, code: ` ${oauth.allow(url)[form]}\n`, account: { name: 'mine', priority: 7 } })
    expect(made).toMatchObject({ name: 'mine', platform: 'claude', priority: 7, baseUrl: null, tokenExpiresAt: domain.time.now + 28_800_000 })
    const credentials = openCredentials(domain.sealer, await row(made.id))
    expect(oauth.accepts(String(credentials.accessToken))).toBe(true)
    expect(JSON.stringify([made, await domain.dump()])).not.toMatch(/sk-ant-o[ar]t/)
  })

  it('again gives an account new credentials and a fresh start', async () => {
    const first = await start(admin)
    const { id } = await finish(admin, { flowId: first.flowId, code: oauth.allow(first.url).shown, account: { name: 'a' } })
    await domain.repos.accounts.update(id, { stateName: 'abnormal', stateReason: 'sign_in_again' })
    const before = openCredentials(domain.sealer, await row(id))
    const again = await start(admin, { accountId: id })
    expect((await finish(admin, { flowId: again.flowId, code: oauth.allow(again.url).shown })).state.name).toBe('normal')
    expect(openCredentials(domain.sealer, await row(id)).accessToken).not.toBe(before.accessToken)
    expect((await row(id)).tokenGeneration).toBe(1)
  })

  it('refuses a wrong state without spending the code', async () => {
    const { flowId, url } = await start(admin)
    const { code, shown } = oauth.allow(url)
    await expect(finish(admin, { flowId, code: `${code}#another-state`, account: { name: 'a' } })).rejects.toMatchObject(wrong('errors.signInState'))
    expect(oauth.requests).toEqual([])
    expect((await finish(admin, { flowId, code: shown, account: { name: 'a' } })).platform).toBe('claude')
  })

  it.each(['just-a-code', 'https://console.example.com/oauth/code/callback?error=denied', 'two words', 'a#b#c'])('says that %s is no code', async (code) => {
    const { flowId } = await start(admin)
    await expect(finish(admin, { flowId, code, account: { name: 'a' } })).rejects.toMatchObject(wrong('errors.signInCode'))
  })

  it('takes each flow once, also of two tries at the same moment', async () => {
    const { flowId, url } = await start(admin)
    const given = { flowId, code: oauth.allow(url).shown, account: { name: 'a' } }
    const results = await Promise.allSettled([finish(admin, given), finish(admin, given)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(finish(admin, given)).rejects.toMatchObject(wrong('errors.signInOver'))
    expect(oauth.requests).toHaveLength(1)
  })

  it('tells of a code that was used elsewhere', async () => {
    const { flowId, url } = await start(admin)
    const { shown } = oauth.allow(url)
    oauth.before = () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'Invalid code' } })
    await expect(finish(admin, { flowId, code: shown, account: { name: 'a' } })).rejects.toMatchObject({
      ...wrong('errors.signInRefused'), message: expect.stringContaining('invalid_grant: Invalid code') as string,
    })
  })

  it('forgets the verifier after ten minutes', async () => {
    const { flowId, url } = await start(admin)
    domain.time.now += 600_000
    await expect(finish(admin, { flowId, code: oauth.allow(url).shown, account: { name: 'a' } })).rejects.toMatchObject(wrong('errors.signInOver'))
    expect(oauth.requests).toEqual([])
  })

  it('belongs to who started it, and to accounts of their own', async () => {
    const { flowId, url } = await start(admin)
    await expect(finish(ann, { flowId, code: oauth.allow(url).shown, account: { name: 'a' } })).rejects.toMatchObject(wrong('errors.signInOver'))
    const { id } = await finish(admin, { flowId, code: oauth.allow(url).shown, account: { name: 'a' } })
    await expect(start(ann, { accountId: id })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('checks the account before the code is spent', async () => {
    const { flowId, url } = await start(ann)
    const { shown } = oauth.allow(url)
    await expect(finish(ann, { flowId, code: shown, account: { name: 'a' } })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(finish(ann, { flowId, code: shown })).rejects.toMatchObject(wrong('errors.required', 'account'))
    const { id: groupId } = await domain.services.groups.create(ann, groupCreateSchema.parse({ name: 'g' }))
    expect((await finish(ann, { flowId, code: shown, account: { name: 'a', groupId } })).groupId).toBe(groupId)
  })

  it('is offered only where a platform has it', async () => {
    await expect(start(admin, { platform: 'claude_console' })).rejects.toMatchObject(wrong('errors.signInPlatform', 'platform'))
  })

  it('goes through the account\'s proxy, and says when that fails without its password', async () => {
    const { flowId, url } = await start(admin)
    const failed = finish(admin, { flowId, code: oauth.allow(url).shown, account: { name: 'a', proxyUrl: 'http://user:proxy-pass@127.0.0.1:1' } })
    await expect(failed).rejects.toMatchObject({ ...wrong('errors.signInFailed'), message: expect.stringMatching(/^(?!.*proxy-pass).*The proxy http:\/\/127\.0\.0\.1:1 cannot be reached/) as string })
    expect(oauth.requests).toEqual([])
  })
})
