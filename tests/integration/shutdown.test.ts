import { afterEach, beforeEach, expect, it } from 'vitest'
import { startRelay, type Relay } from '../helpers/relay'
import { openStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { silentAt } from '../helpers/upstream/faults'
import { gate } from '../helpers/upstream/paced'

let relay: Relay
beforeEach(async () => {
  relay = await startRelay({ SHUTDOWN_TIMEOUT_MS: '20000' })
})
afterEach(async () => {
  await relay.close()
})

it('an ordered end lets running streams finish, takes no new ones, and books all', async () => {
  const wait = gate()
  relay.upstream.script(() => silentAt('in_block', { gate: wait.opened }))
  const stream = await openStream(relay.ask())
  await stream.until(seen => seen.events().includes('content_block_delta'), 'the first delta')
  const exit = relay.server.stop()
  await poll(() => fetch(`${relay.server.url}/health`).then(() => undefined, () => true), 'new connections to be refused')
  wait.open()
  await stream.done
  expect(stream.complete()).toBe(true)
  expect((await exit).code).toBe(0)
  await relay.server.restart()
  const api = await relay.server.login()
  expect(await api.waitForLog(String(stream.headers['x-relay-request-id']))).toMatchObject({ outcome: 'ok', outputTokens: 13 })
})

it('a second signal ends it at once', async () => {
  relay.upstream.script(() => silentAt('in_block'))
  const stream = await openStream(relay.ask())
  const exit = relay.server.stop('SIGINT')
  await poll(() => fetch(`${relay.server.url}/health`).then(() => undefined, () => true), 'the end to begin')
  process.kill(relay.server.pid, 'SIGINT')
  expect((await exit).code).not.toBe(0)
  await stream.done
})
