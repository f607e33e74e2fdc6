import { afterEach, describe, expect, it } from 'vitest'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { openStream, readStream } from '../helpers/sse'
import { after, ok, status } from '../helpers/upstream/behaviours'
import { silentAt } from '../helpers/upstream/faults'
import { createPace, gate, paced } from '../helpers/upstream/paced'

let relay: Relay
afterEach(async () => {
  await relay.close()
})

const untilAborted = () => relay.upstream.until(() => relay.upstream.requests[0]?.aborted === true, 'the upstream to be cancelled')

describe('time limits of the upstream', () => {
  it('no first byte: 504, the upstream is cancelled', async () => {
    relay = await startRelay({ FIRST_BYTE_TIMEOUT_MS: '300' })
    for (const stream of [true, false]) {
      relay.upstream.reset()
      relay.upstream.script(() => silentAt('headers'))
      const answer = await send(relay.ask({ stream }))
      expect(answer.status).toBe(504)
      expect(answer.json()).toMatchObject({ type: 'error', error: { type: 'timeout_error', details: { error_code: 'upstream_timeout' } } })
      await untilAborted()
      expect(await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))).toMatchObject({ status: 504, outcome: 'upstream_error', accountId: relay.account.id })
    }
  })

  it('headers but no event count as no first byte', async () => {
    relay = await startRelay({ FIRST_BYTE_TIMEOUT_MS: '300', PING_INTERVAL_MS: '60' })
    relay.upstream.script(() => silentAt('nothing'))
    expect((await send(relay.ask())).status).toBe(504)
    await untilAborted()
  })

  it('silence in mid-stream: an error event of type timeout_error, the upstream is cancelled', async () => {
    relay = await startRelay({ IDLE_TIMEOUT_MS: '400', PING_INTERVAL_MS: '60' })
    relay.upstream.script(() => silentAt('in_block'))
    const stream = await readStream(relay.ask())
    expect(stream.frames.at(-1)).toMatchObject({ event: 'error', data: { error: { type: 'timeout_error' } } })
    expect(stream.violations).toEqual([])
    await untilAborted()
    expect(await relay.api.waitForLog(String(stream.headers['x-relay-request-id']))).toMatchObject({ outcome: 'truncated', inputTokens: 21 })
  })

  it('a stream that drips is not cut, however long it takes', async () => {
    relay = await startRelay({ IDLE_TIMEOUT_MS: '600', FIRST_BYTE_TIMEOUT_MS: '600' })
    const pace = createPace()
    relay.upstream.script(() => paced(pace))
    pace.allow(1)
    const started = Date.now()
    const stream = await openStream(relay.ask())
    const drip = setInterval(() => pace.allow(1), 200)
    await stream.done
    clearInterval(drip)
    expect(stream.complete()).toBe(true)
    expect(Date.now() - started).toBeGreaterThan(600)
  })

  it('the early head of a slow stream keeps the client, and an error that follows is an event of its type', async () => {
    relay = await startRelay({ EARLY_COMMIT_MS: '150', PING_INTERVAL_MS: '60' })
    const wait = gate()
    relay.upstream.script(() => after(wait.opened, status(529, { message: 'Overloaded today' })))
    const stream = await openStream(relay.ask())
    expect(stream.status).toBe(200)
    await stream.until(seen => seen.events().filter(event => event === 'ping').length >= 2, 'pings')
    wait.open()
    await stream.done
    expect(stream.frames.at(-1)).toMatchObject({ event: 'error', data: { error: { type: 'overloaded_error', message: 'Overloaded today' } } })
    expect(stream.violations).toEqual([])
  })

  it('the early head of a slow stream is followed by the whole answer', async () => {
    relay = await startRelay({ EARLY_COMMIT_MS: '150', PING_INTERVAL_MS: '60' })
    const wait = gate()
    relay.upstream.script(() => after(wait.opened, ok()))
    const stream = await openStream(relay.ask())
    wait.open()
    await stream.done
    expect(stream.complete()).toBe(true)
    expect(await relay.api.waitForLog(String(stream.headers['x-relay-request-id']))).toMatchObject({ outcome: 'ok', outputTokens: 13 })
  })

  it('an upstream that cannot be reached is an error of ours', async () => {
    relay = await startRelay({ CONNECT_TIMEOUT_MS: '500' })
    await relay.upstream.close()
    const answer = await send(relay.ask())
    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.json()).toMatchObject({ type: 'error' })
    expect(answer.text).not.toContain(String(relay.upstream.port))
    expect(await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))).toMatchObject({ outcome: 'upstream_error', accountId: relay.account.id })
    relay.upstream.close = async () => {}
  })
})
