import { describe, expect, it } from 'vitest'
import type { AccountDirectory } from '#server/accounts/directory'
import type { Principal } from '#server/keys/principal'
import type { PoolAccount } from '#server/platforms/platform'
import { serveModels, usableModels, type ModelsDeps } from '#server/relay/models'
import type { Exchange } from '#server/relay/exchange'
import { createLogger } from '#server/lib/logger'
import { handClock, poolAccount } from '../../helpers/pool'

const knownModels = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-sonnet-4-5-20250929', 'claude-3-5-haiku-20241022']

const principalWith = (models: string[]): Principal => ({
  key: { id: 'k', name: 'k', ownerId: 'o', groupId: null, enabled: true, expiresAt: null, expiresInDays: null, models, ipAllow: [], clients: [], limits: {} },
  owner: { id: 'o', username: 'o', role: 'admin', enabled: true, sharedPool: true, locale: null },
  group: null,
})
const depsWith = (accounts: PoolAccount[], lacks: (account: PoolAccount, model: string) => boolean = () => false) => ({
  pool: { candidates: () => accounts } as unknown as AccountDirectory,
  missing: { note: () => undefined, forget: () => undefined, lacks },
  knownModels,
})
const usable = (keyModels: string[], accounts: Partial<PoolAccount>[], lacks?: (account: PoolAccount, model: string) => boolean) =>
  usableModels(depsWith(accounts.map((over, i) => poolAccount(String(i), over)), lacks), principalWith(keyModels))

describe('the models of a key', () => {
  it.each<[string, string[], Partial<PoolAccount>[], string[]]>([
    ['no lists: all known ones', [], [{}], knownModels],
    ['patterns are spelled out by the known names', ['claude-sonnet-*'], [{}], ['claude-sonnet-5-5', 'claude-sonnet-4-5-20250929']],
    ['both lists must allow a name', ['claude-*-5-5'], [{ models: ['claude-opus-*'] }], ['claude-opus-5-5']],
    ['any account will do', [], [{ models: ['claude-opus-5-5'] }, { models: ['claude-3-5-haiku-*'] }], ['claude-opus-5-5', 'claude-3-5-haiku-20241022']],
    ['exact names need not be known', [], [{ models: ['glm-4.6', 'claude-opus-*'] }], ['claude-opus-5-5', 'glm-4.6']],
    ['a key\'s own names too, if an account takes all', ['my-model'], [{}], ['my-model']],
    ['a key\'s own names not, if no account has them', ['my-model'], [{ models: ['claude-*'] }], []],
    ['mapped names can be asked for', [], [{ models: ['kimi*'], modelMap: { 'kimi-k2': 'x', 'kimi-*': 'y' } }], ['kimi-k2']],
    ['accounts that are off do not count', [], [{ enabled: false }], []],
    ['no accounts: none', [], [], []],
  ])('%s', (_what, keyModels, accounts, expected) => {
    expect(usable(keyModels, accounts)).toEqual(expected)
  })

  it('are without those that the upstream said it lacks', () => {
    expect(usable([], [{}], (_account, model) => model.includes('opus'))).toEqual(knownModels.slice(1))
  })
})

describe('the list of models', () => {
  async function get(path: string, query = '') {
    const answer = { status: 0, body: '' }
    const res = {
      destroyed: false, headersSent: false,
      writeHead(status: number) { answer.status = status },
      end(body: string) { answer.body = body },
    }
    const principal = principalWith([])
    const deps = { ...depsWith([poolAccount('a')]), keys: { find: () => principal }, clock: handClock(), logger: createLogger({ level: 'silent' }) } as unknown as ModelsDeps
    const exchange = { req: { headers: { 'x-api-key': 'sk-x' }, method: 'GET' }, res, path, query, requestId: 'req_1', startedAt: 0, ip: '', ownHeaders: [] } as unknown as Exchange
    await serveModels(deps, exchange)
    return { status: answer.status, body: JSON.parse(answer.body) as { data: { id: string }[], has_more: boolean, first_id: string | null, last_id: string | null, error?: { type: string } } }
  }
  const ids = ({ body }: Awaited<ReturnType<typeof get>>) => body.data.map(({ id }) => id)

  it('has the shape of the Models API', async () => {
    const { body } = await get('/v1/models', '?limit=1000')
    expect(body).toEqual({
      data: [
        { type: 'model', id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5', created_at: '1970-01-01T00:00:00Z' },
        { type: 'model', id: 'claude-sonnet-5-5', display_name: 'Claude Sonnet 5.5', created_at: '1970-01-01T00:00:00Z' },
        { type: 'model', id: 'claude-sonnet-4-5-20250929', display_name: 'Claude Sonnet 4.5', created_at: '2025-09-29T00:00:00Z' },
        { type: 'model', id: 'claude-3-5-haiku-20241022', display_name: 'Claude Haiku 3.5', created_at: '2024-10-22T00:00:00Z' },
      ],
      has_more: false, first_id: 'claude-opus-5-5', last_id: 'claude-3-5-haiku-20241022',
    })
  })

  it('is read page by page in both directions', async () => {
    const first = await get('/v1/models', '?limit=3')
    expect([ids(first), first.body.has_more]).toEqual([knownModels.slice(0, 3), true])
    const next = await get('/v1/models', `?limit=3&after_id=${first.body.last_id}`)
    expect([ids(next), next.body.has_more]).toEqual([knownModels.slice(3), false])
    const back = await get('/v1/models', `?limit=2&before_id=${next.body.first_id}`)
    expect([ids(back), back.body.has_more]).toEqual([knownModels.slice(1, 3), true])
  })

  it.each(['?limit=0', '?limit=1001', '?limit=x', '?after_id=nothing'])('refuses %s', async (query) => {
    const { status, body } = await get('/v1/models', query)
    expect([status, body.error?.type]).toEqual([400, 'invalid_request_error'])
  })

  it('gives one model by its name, and says when the key has none of that name', async () => {
    expect((await get('/v1/models/claude-opus-5-5')).body).toMatchObject({ id: 'claude-opus-5-5', type: 'model' })
    const { status, body } = await get('/v1/models/gpt-9')
    expect([status, body.error?.type]).toEqual([404, 'not_found_error'])
  })
})
