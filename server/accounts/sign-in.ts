import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { SignInFinishInput, SignInStartInput } from '#shared/schemas/account'
import type { AccountView, SignInView } from '#shared/types/api'
import type { Repos } from '../db/repos/index'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import { invalidField } from '../lib/errors'
import { safeEqual } from '../lib/hash'
import { newId } from '../lib/id'
import { redactText } from '../lib/redact'
import type { Sealer } from '../lib/seal'
import type { OAuth, OAuthEndpoints, TokenReply } from '../platforms/_shared/oauth'
import type { Platform } from '../platforms/platform'
import type { Call } from '../relay/call'
import type { Actor } from '../users/actor'
import { ownerOf, type Owner } from '../users/owner'
import { requirePlatform } from './input'
import { signInRoute } from './route'
import { openProxyUrl } from './secrets'
import type { AccountsService } from './service'

export interface SignInsDeps {
  repos: Pick<Repos, 'users'>
  kv: Kv
  clock: Clock
  sealer: Sealer
  platforms: Readonly<Record<string, Platform>>
  accounts: AccountsService
  endpoints: OAuthEndpoints
  call: Call
}

const FLOW_MS = 10 * 60_000
const CALL_MS = 30_000
const MAX_DETAIL = 200

const flowSchema = z.object({ userId: z.string(), platform: z.string(), accountId: z.string().nullable(), state: z.string(), verifier: z.string() })
type Flow = z.output<typeof flowSchema>

/**
 * Adding accounts by OAuth: the person opens a link, allows the access and brings back a code, which is exchanged here with a
 * verifier that never left the server. A flow lasts ten minutes, belongs to who started it, and takes one code.
 */
export function createSignIns({ repos, kv, clock, sealer, platforms, accounts, endpoints, call }: SignInsDeps) {
  const keyOf = (flowId: string): string => `sign-in:${flowId}`

  function requireOAuth(id: string): { platform: Platform, oauth: OAuth } {
    const platform = requirePlatform(platforms, id)
    if (!platform.oauth) throw invalidField('platform', 'errors.signInPlatform')
    return { platform, oauth: platform.oauth }
  }

  async function flowOf(actor: Actor, flowId: string): Promise<Flow> {
    const sealed = await kv.get(keyOf(flowId))
    const flow = sealed === null ? null : flowSchema.parse(JSON.parse(sealer.open(sealed, keyOf(flowId))))
    if (flow?.userId !== actor.id) throw invalidField('code', 'errors.signInOver')
    return flow
  }

  /** Once per flow, over all instances. */
  async function use(flowId: string): Promise<void> {
    const first = await kv.setIfAbsent(`${keyOf(flowId)}:used`, '1', FLOW_MS)
    await kv.delete(keyOf(flowId))
    if (!first) throw invalidField('code', 'errors.signInOver')
  }

  async function exchange(oauth: OAuth, given: { code: string, state: string, verifier: string }, proxyUrl: string | null, owner: Owner): Promise<Record<string, unknown>> {
    let reply: TokenReply
    try {
      reply = oauth.read(await call(oauth.exchange(endpoints, given), signInRoute({ proxyUrl, publicOnly: owner.role !== 'admin' }), { timeoutMs: CALL_MS }), clock.now(), null)
    }
    catch (error) {
      reply = { kind: 'failed', evidence: error instanceof Error ? error.message || error.name : String(error) }
    }
    if (reply.kind === 'tokens') return reply.credentials
    const detail = redactText(reply.evidence).slice(0, MAX_DETAIL)
    throw invalidField('code', reply.kind === 'refused' ? 'errors.signInRefused' : 'errors.signInFailed', { detail })
  }

  return {
    async start(actor: Actor, { platform, accountId }: SignInStartInput): Promise<SignInView> {
      const account = accountId === undefined ? null : await accounts.require(actor, accountId)
      const { oauth } = requireOAuth(account?.platform ?? platform)
      const flowId = newId()
      const flow: Flow = { userId: actor.id, platform: account?.platform ?? platform, accountId: account?.id ?? null, state: secret(), verifier: secret() }
      await kv.set(keyOf(flowId), sealer.seal(JSON.stringify(flow), keyOf(flowId)), FLOW_MS)
      const challenge = createHash('sha256').update(flow.verifier).digest('base64url')
      return { flowId, url: oauth.authorizeUrl(endpoints, { state: flow.state, challenge }), expiresAt: clock.now() + FLOW_MS }
    },

    /** The new account, or the one that is signed in again. Everything is checked before the code is spent. */
    async finish(actor: Actor, { flowId, code: pasted, account: given }: SignInFinishInput): Promise<AccountView> {
      const flow = await flowOf(actor, flowId)
      const { platform, oauth } = requireOAuth(flow.platform)
      const { code, state } = readCode(pasted)
      if (!safeEqual(state, flow.state)) throw invalidField('code', 'errors.signInState')
      if (flow.accountId !== null) {
        const row = await accounts.require(actor, flow.accountId)
        await use(flowId)
        const credentials = await exchange(oauth, { ...flow, code }, openProxyUrl(sealer, row), await ownerOf(repos, actor, row.ownerId))
        return accounts.update(actor, row.id, { credentials })
      }
      if (!given) throw invalidField('account', 'errors.required')
      const account = { ...given, platform: platform.id }
      await accounts.check(actor, account)
      await use(flowId)
      return accounts.create(actor, { ...account, credentials: await exchange(oauth, { ...flow, code }, given.proxyUrl ?? null, actor) })
    },
  }
}

export type SignIns = ReturnType<typeof createSignIns>

/** 256 bits: also the right length for a PKCE verifier (RFC 7636 §4.1). */
const secret = (): string => randomBytes(32).toString('base64url')

/** A code as the page shows it (`code#state`), or the address of that page. Throws when it is neither. */
function readCode(pasted: string): { code: string, state: string } {
  if (/^https?:\/\//i.test(pasted) && URL.canParse(pasted)) {
    const url = new URL(pasted)
    const code = url.searchParams.get('code') ?? ''
    const [plain = '', behind = ''] = code.split('#')
    const state = url.searchParams.get('state') ?? (behind || url.hash.slice(1).replace(/^state=/, ''))
    if (plain !== '') return { code: plain, state }
  }
  else {
    const [, code, state] = /^([\w.~+/=-]+)#([\w.~+/=-]+)$/.exec(pasted) ?? []
    if (code && state) return { code, state }
  }
  throw invalidField('code', 'errors.signInCode')
}
