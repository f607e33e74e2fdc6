import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { untilEvent } from './until'
import { ok } from './upstream/behaviours'
import { openExchange, readRequest, type Behaviour, type RecordedRequest } from './upstream/exchange'

/** Chooses the behaviour of each request. */
export type Script = (request: RecordedRequest) => Behaviour

/** A scripted Anthropic upstream on loopback. */
export interface Upstream {
  url: string
  port: number
  /** In order of arrival, bodies complete. */
  requests: RecordedRequest[]
  script(script: Script): void
  /** These behaviours first, one a request; then the script. */
  queue(...behaviours: Behaviour[]): void
  /** Waits for a condition, looked at again whenever something happens here. Rejects after `ms`. */
  until(condition: () => boolean, what: string, ms?: number): Promise<void>
  /** Resolves with the request of that number once it arrived; -1 is the newest. */
  request(index: number): Promise<RecordedRequest>
  /** Forgets requests and queue, and goes back to the script given at start. */
  reset(): void
  /** Ends every open connection and stops listening. */
  close(): Promise<void>
}

/** A behaviour that throws is a fault of the test: the peer sees a cut connection, the test the error. */
function run(behaviour: Behaviour, request: RecordedRequest, res: ServerResponse, changed: () => void): void {
  const exchange = openExchange(request, res, changed)
  Promise.resolve(behaviour(exchange)).catch((error: unknown) => {
    exchange.cut()
    throw error
  })
}

/** Starts an upstream; without a script every request gets a plain, complete answer. `port` 0 takes a free one. */
export async function startUpstream(initial: Script = () => ok(), port = 0): Promise<Upstream> {
  const changes = new EventEmitter({ captureRejections: false }).setMaxListeners(0)
  const changed = () => void changes.emit('change')
  let script = initial
  let queued: Behaviour[] = []
  let requests: RecordedRequest[] = []
  let arrivals = 0

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await readRequest(req, arrivals++)
    requests.push(request)
    changed()
    run(queued.shift() ?? script(request), request, res, changed)
  }

  const server = createServer((req, res) => {
    // A peer that leaves while it still sends has made no request.
    serve(req, res).catch(() => res.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const bound = (server.address() as AddressInfo).port
  const wait: Upstream['until'] = (condition, what, ms) => untilEvent(changes, condition, what, ms)

  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    get requests() { return requests },
    script(next) { script = next },
    queue(...behaviours) { queued.push(...behaviours) },
    until: wait,
    async request(index) {
      await wait(() => requests.at(index) !== undefined, `request ${index} at the upstream`)
      const found = requests.at(index)
      if (!found) throw new Error(`no request ${index}`)
      return found
    },
    reset() {
      requests = []
      queued = []
      arrivals = 0
      script = initial
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
