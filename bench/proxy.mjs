/**
 * The yardstick: a bare node:http + undici dispatch proxy with back-pressure and abort both ways, without keys, accounts or
 * accounting. A process of its own (started with an IPC channel): node proxy.mjs http://127.0.0.1:<upstream port>
 */
import { createServer } from 'node:http'
import { Pool } from 'undici'

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

const upstream = process.argv[2]
if (!upstream) throw new Error('which upstream?')
const pool = new Pool(upstream, { connections: null, pipelining: 1, headersTimeout: 300_000, bodyTimeout: 300_000, keepAliveTimeout: 60_000 })
const ours = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'content-length', 'host', 'authorization', 'x-api-key', 'accept-encoding'])

/** @type {(headers: import('node:http').IncomingHttpHeaders) => Record<string, string | string[]>} */
function passed(headers) {
  /** @type {Record<string, string | string[]>} */
  const kept = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !ours.has(name)) kept[name] = value
  }
  return kept
}

/** @type {(req: IncomingMessage, res: ServerResponse, body: Buffer) => void} */
function forward(req, res, body) {
  /** @type {import('undici').Dispatcher.DispatchController | null} */
  let controller = null
  res.on('drain', () => controller?.resume())
  res.on('close', () => {
    if (!res.writableFinished) controller?.abort(new Error('the client left'))
  })
  pool.dispatch({ path: req.url ?? '/', method: 'POST', headers: { ...passed(req.headers), 'authorization': 'Bearer bench', 'accept-encoding': 'identity' }, body }, {
    onRequestStart(started) {
      controller = started
      if (res.destroyed) started.abort(new Error('the client left'))
    },
    onResponseStart(_, status, headers) {
      res.writeHead(status, passed(headers))
    },
    onResponseData(started, chunk) {
      if (!res.write(chunk)) started.pause()
    },
    onResponseEnd() {
      res.end()
    },
    onResponseError() {
      if (res.headersSent) res.destroy()
      else res.writeHead(502).end()
    },
  })
}

const server = createServer((req, res) => {
  /** @type {Buffer[]} */
  let pieces = []
  req.on('data', piece => pieces.push(piece))
  req.on('error', () => res.destroy())
  req.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
    pieces = []
    forward(req, res, body)
  })
})
server.keepAliveTimeout = 75_000
server.requestTimeout = 0
for (const end of ['disconnect', 'SIGTERM']) process.on(end, () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.({ ready: server.address() }))
