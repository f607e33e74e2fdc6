import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountView } from '#shared/types/api'
import { bearerOf, signIn, takeTokensOf } from '../helpers/claude-server'
import { send } from '../helpers/http'
import { startInstances } from '../helpers/instances'
import { startOAuth, type OAuthServer } from '../helpers/oauth'
import { smallBody } from '../helpers/relay'
import { startServer } from '../helpers/server'
import { describeWith, service } from '../helpers/services'
import { startUpstream } from '../helpers/upstream'
import { ok, status } from '../helpers/upstream/behaviours'

let oauth: OAuthServer
beforeEach(async () => void (oauth = await startOAuth()))
afterEach(() => oauth.close())

describeWith(['mysql', 'redis'], 'two instances with one official account', () => {
  it('renew its token once for 50 requests that meet its end together', async () => {
    const both = await startInstances({
      env: { REDIS_URL: service('redis'), CLAUDE_AUTH_BASE_URL: oauth.url },
      account: { platform: 'claude', credentials: oauth.issue() },
    })
    try {
      const [upstream] = both.upstreams
      let taken = ''
      upstream!.script(request => bearerOf(request) === (taken ||= bearerOf(request)) || !oauth.accepts(bearerOf(request)) ? status(401) : ok())
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => send(both.ask(i % 2))))
      expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
      expect(oauth.requests).toHaveLength(1)
      const [row] = await both.database.query<{ token_generation: number, state_name: string }>('select * from accounts')
      expect(row).toMatchObject({ token_generation: 1, state_name: 'normal' })
    }
    finally {
      await both.close()
    }
  })
})

describe('a process that is killed while it renews a token', () => {
  it('has the new one when it starts again, or says that somebody must sign in', { timeout: 240_000 }, async () => {
    const upstream = await startUpstream()
    const server = await startServer({ CLAUDE_AUTH_BASE_URL: oauth.url, CLAUDE_API_BASE_URL: upstream.url })
    try {
      let api = await server.login()
      const key = await api.addKey()
      const ask = () => send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key.key }, body: smallBody() })
      for (const delayMs of [0, 2, 10, 40]) {
        const account = await signIn(api, oauth)
        let taken = ''
        upstream.script(request => bearerOf(request) === (taken ||= bearerOf(request)) ? status(401) : ok())
        const sent = new Promise<void>((resolve) => {
          oauth.sent = ({ grant_type: type }) => type === 'refresh_token' && resolve()
        })
        const cut = ask().catch(() => null)
        await sent
        await new Promise(resolve => setTimeout(resolve, delayMs))
        await server.kill()
        await cut
        oauth.sent = null
        takeTokensOf(oauth, upstream, () => ok())
        await server.restart()
        api = await server.login()
        const answer = await ask()
        const { state } = await api.ok<AccountView>('GET', `/api/accounts/${account.id}`)
        if (answer.status === 200) expect(state.name).toBe('normal')
        else expect(state).toMatchObject({ name: 'abnormal', reason: 'sign_in_again' })
        await api.ok('DELETE', `/api/accounts/${account.id}`)
      }
    }
    finally {
      await server.remove()
      await upstream.close()
    }
  })
})
