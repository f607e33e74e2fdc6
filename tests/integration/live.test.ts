import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveRows, LiveState } from '#shared/types/live'
import { createApiClient, type ApiClient } from '../helpers/api'
import { send } from '../helpers/http'
import { smallBody, startRelay, type Relay } from '../helpers/relay'
import { openStream, readStream, type SeenStream } from '../helpers/sse'
import { after, ok } from '../helpers/upstream/behaviours'
import { gate } from '../helpers/upstream/paced'
import { addUserTo } from '../helpers/users'

let relay: Relay
let ben: ApiClient
let bensKey: string
const open: SeenStream[] = []

beforeAll(async () => {
  relay = await startRelay()
  await addUserTo(relay.server, { username: 'ben', password: 'a-test-password', sharedPool: true })
  ben = createApiClient(relay.server.url)
  await ben.login('ben', 'a-test-password')
  bensKey = (await ben.addKey()).key
})
afterAll(async () => {
  for (const stream of open) stream.abort()
  await relay?.close()
})

async function listen(api: ApiClient): Promise<SeenStream> {
  const stream = await openStream({ url: `${relay.server.url}/api/live`, method: 'GET', headers: { cookie: api.cookie() } })
  open.push(stream)
  return stream
}
const told = <T>(stream: SeenStream, event: string): T[] => stream.frames.filter(frame => frame.event === event).map(frame => frame.data as T)
const rowIds = (stream: SeenStream) => told<LiveRows>(stream, 'rows').flatMap(({ ids }) => ids)
const askAs = (key: string) => send({ url: `${relay.server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key }, body: smallBody({ stream: false }) })

describe('the live feed', () => {
  test('begins with everything that is one\'s own, and nothing else', async () => {
    const [admins, bens] = [await listen(relay.api), await listen(ben)]
    expect(admins.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(admins.headers['x-accel-buffering']).toBe('no')
    await admins.until(() => told(admins, 'state').length > 0, 'the first state')
    await bens.until(() => told(bens, 'state').length > 0, 'the first state')
    expect(told<LiveState>(admins, 'state')[0]).toMatchObject({ full: true, running: 0, accounts: [{ id: relay.account.id, state: { name: 'normal' } }] })
    expect(told<LiveState>(bens, 'state')[0]).toMatchObject({ full: true, accounts: [] })
  })

  test('tells of requests while they run and once they are booked, to those whose they are', async () => {
    const [admins, bens] = [await listen(relay.api), await listen(ben)]
    const wait = gate()
    relay.upstream.queue(after(wait.opened, ok()))
    const answer = readStream(relay.ask())
    await admins.until(() => told<LiveState>(admins, 'state').some(({ running, accounts }) => running === 1 && accounts[0]?.inFlight === 1), 'the running request')
    wait.open()
    await answer
    await admins.until(() => rowIds(admins).length === 1, 'the row')
    const [requestId = ''] = rowIds(admins)
    await relay.api.ok('GET', `/api/logs/${requestId}`)
    const own = await askAs(bensKey)
    expect(own.status).toBe(200)
    await bens.until(() => rowIds(bens).length === 1, 'the own row')
    expect(rowIds(bens)).not.toContain(requestId)
    await admins.until(() => rowIds(admins).length === 2, 'everybody\'s row')
    expect(told<LiveState>(bens, 'state').flatMap(({ accounts }) => accounts)).toEqual([])
  })

  test('tells of a state the moment it changes', async () => {
    const admins = await listen(relay.api)
    await relay.api.ok('PATCH', `/api/accounts/${relay.account.id}`, { enabled: false })
    await admins.until(() => told<LiveState>(admins, 'state').some(({ full, accounts }) => !full && accounts[0]?.enabled === false), 'the disabled account')
    await relay.api.ok('PATCH', `/api/accounts/${relay.account.id}`, { enabled: true })
  })

  test('ends with its session, at once where that was ended', async () => {
    const other = createApiClient(relay.server.url)
    await other.login('ben', 'a-test-password')
    const [leaving, staying] = [await listen(other), await listen(ben)]
    await other.ok('POST', '/api/auth/logout')
    await leaving.done
    expect(leaving.state).toBe('clean')
    expect(staying.state).toBe('open')
    expect((await other.call('GET', '/api/live')).status).toBe(401)
  })

  test('is open six times a session, and once more when one has left', async () => {
    const api = createApiClient(relay.server.url)
    await api.login('ben', 'a-test-password')
    const mine = [] as SeenStream[]
    for (let n = 0; n < 6; n++) mine.push(await listen(api))
    const refused = await listen(api)
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBeDefined()
    mine[0]!.abort()
    await expect.poll(async () => (await listen(api)).status, { timeout: 5_000 }).toBe(200)
  })

  test('lets the process end', async () => {
    const stream = await listen(relay.api)
    const exit = await relay.server.stop()
    expect(exit.code).toBe(0)
    await stream.done
    expect(stream.state).toBe('clean')
  })
})
