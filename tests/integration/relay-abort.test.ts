import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { open, responseOf } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { openStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { silentAt } from '../helpers/upstream/faults'
import { huge } from '../helpers/upstream/paced'

let relay: Relay
beforeAll(async () => {
  relay = await startRelay()
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

const untilAborted = (count = 1) => relay.upstream.until(
  () => relay.upstream.requests.filter(request => request.aborted).length === count, `${count} cancelled at the upstream`,
)

describe('a client that leaves', () => {
  it('in mid-stream cancels the upstream; what was used is booked', async () => {
    relay.upstream.script(() => silentAt('in_block'))
    const stream = await openStream(relay.ask())
    await stream.until(seen => seen.events().includes('content_block_delta'), 'the first delta')
    stream.abort()
    await untilAborted()
    const row = await relay.api.waitForLog(String(stream.headers['x-relay-request-id']))
    expect(row).toMatchObject({ outcome: 'client_closed', status: 499, inputTokens: 21, cacheReadTokens: 1700, usageComplete: false })
    expect(row.costNano).toBeGreaterThan(0)
  })

  it.each([true, false])('before the first byte cancels the upstream (stream: %s)', async (stream) => {
    relay.upstream.script(() => silentAt('headers'))
    const request = open(relay.ask({ stream }))
    request.on('error', () => {})
    await relay.upstream.request(0)
    request.destroy()
    await untilAborted()
  })

  it('in the middle of its own body reaches no upstream', async () => {
    const { url, headers } = relay.ask()
    const { hostname, port, pathname } = new URL(url)
    const socket = connect(Number(port), hostname)
    const head = Object.entries({ 'host': hostname, ...headers as Record<string, string>, 'content-length': '100000' }).map(([name, value]) => `${name}: ${value}\r\n`)
    await new Promise<void>(resolve => socket.write(`POST ${pathname} HTTP/1.1\r\n${head.join('')}\r\n{"model":"never-whole","messages":[`, () => resolve()))
    // The relay has read the head when it answers another connection that was opened later.
    await fetch(`${relay.server.url}/health`)
    socket.destroy()
    const row = await poll(async () => (await relay.api.listLogs()).find(found => found.outcome === 'client_closed' && found.accountId === null), 'its row')
    expect(row).toMatchObject({ status: 499, inputTokens: 0 })
    expect(relay.upstream.requests).toHaveLength(0)
  })

  it('a hundred at once leave nothing open', async () => {
    relay.upstream.script(() => silentAt('in_block'))
    const streams = await Promise.all(Array.from({ length: 100 }, () => openStream(relay.ask())))
    for (const stream of streams) stream.abort()
    await untilAborted(100)
    const ids = new Set(streams.map(stream => stream.headers['x-relay-request-id']))
    const rows = await poll(async () => {
      const found = (await relay.api.listLogs({ outcome: 'client_closed' })).filter(row => ids.has(row.requestId))
      return found.length === 100 ? found : undefined
    }, 'a row each')
    expect(rows.every(row => row.inputTokens === 21)).toBe(true)
  })
})

const rssMb = async (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

describe.runIf(process.platform === 'linux')('a client that reads slowly', () => {
  it('slows the upstream down and costs no memory', async () => {
    const size = 100_000_000
    const progress = { sent: 0 }
    relay.upstream.script(() => huge(size, progress))
    const before = await rssMb(relay.server.pid)
    const response = await responseOf(open(relay.ask()))
    response.pause()
    let last = -1
    let still = 0
    await poll(() => {
      still = progress.sent === last ? still + 1 : 0
      last = progress.sent
      return still >= 15 && last > 0 ? true : undefined
    }, 'the upstream to be held back')
    expect(progress.sent).toBeLessThan(size / 3)
    expect(await rssMb(relay.server.pid) - before).toBeLessThan(80)
    let received = 0
    let peak = 0
    const watch = setInterval(() => void rssMb(relay.server.pid).then((rss) => {
      peak = Math.max(peak, rss)
    }), 50)
    response.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    response.resume()
    await new Promise(resolve => response.once('close', resolve))
    clearInterval(watch)
    expect(response.complete).toBe(true)
    expect(received).toBe(progress.sent)
    expect(peak - before).toBeLessThan(150)
  })
})
