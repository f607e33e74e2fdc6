import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { isIP, isIPv6, type Socket } from 'node:net'
import { SocksClient } from 'socks'
import { buildConnector } from 'undici'
import { checkedFirst, OutOfReachError, type Reach } from '../lib/guarded-connect'
import { hostOf } from '../lib/private-address'

/** Why the way through an outbound proxy failed: its fault or its login, never the upstream's. */
export type ProxyFault
  /** Not reached at all. */
  = | 'proxy_unreachable'
  /** Wants another user name or password. */
    | 'proxy_auth'
  /** Answered that it does not connect, or cannot reach the upstream. */
    | 'proxy_refused'

/** The message names the proxy without its login. */
export class ProxyError extends Error {
  override name = 'ProxyError'

  constructor(readonly code: ProxyFault, message: string, cause?: unknown) {
    super(message, { cause })
  }
}

interface Proxy {
  url: URL
  /** Scheme, host and port: what may be shown. */
  shown: string
  username: string
  password: string
  /** Where the proxy itself may be, and what it may be asked for. */
  reach: Reach
}

/**
 * Connects to origins through a proxy: a tunnel by HTTP CONNECT (RFC 9110 §9.3.6) or SOCKS5 (RFC 1928, 1929), and TLS to the
 * upstream inside it, always verified. `timeoutMs` bounds reaching the proxy, its tunnel, and TLS each.
 */
export function proxyConnector(proxyUrl: string, timeoutMs: number, reach: Reach): buildConnector.connector {
  const url = new URL(proxyUrl)
  const proxy: Proxy = { url, shown: `${url.protocol}//${url.host}`, username: decodeURIComponent(url.username), password: decodeURIComponent(url.password), reach }
  const tunnel = /^socks5h?:$/.test(url.protocol) ? socksTunnel : connectTunnel
  const secure = buildConnector({ timeout: timeoutMs })
  const check = ({ hostname }: buildConnector.Options): void => {
    reach.checkHost(hostOf(url.hostname))
    reach.checkFarHost(hostOf(hostname))
  }
  return checkedFirst(check, (options, callback) => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
    tunnel(proxy, hostOf(options.hostname), port, timeoutMs).then((socket) => {
      if (options.protocol !== 'https:') return callback(null, socket)
      secure({ ...options, httpSocket: socket }, callback)
    }, (error: unknown) => callback(error instanceof ProxyError || error instanceof OutOfReachError ? error : new ProxyError('proxy_unreachable', unreachable(proxy, error), error), null))
  })
}

const unreachable = ({ shown }: Proxy, error: unknown): string => `The proxy ${shown} cannot be reached (${reason(error)}).`

const reason = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : 'unknown')

async function socksTunnel(proxy: Proxy, host: string, port: number, timeout: number): Promise<Socket> {
  const { url, shown, username, password, reach } = proxy
  let refused: Error | null = null
  const lookup: Reach['lookup'] = (hostname, options, callback) => reach.lookup(hostname, options, (error, ...found) => {
    if (error instanceof OutOfReachError) refused = error
    callback(error, ...found)
  })
  const proxyPort = Number(url.port) || 1080
  const login = username === '' && password === '' ? {} : { userId: username, password }
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: { host: hostOf(url.hostname), port: proxyPort, type: 5, ...login },
      command: 'connect',
      destination: { host, port },
      timeout,
      set_tcp_nodelay: true,
      socket_options: { port: proxyPort, lookup },
    })
    return socket
  }
  catch (error) {
    // The client of this protocol passes on no more than an error's message.
    if (refused) throw refused
    const text = error instanceof Error ? error.message : ''
    if (/authentication|no acceptable|unknown auth/i.test(text)) throw new ProxyError('proxy_auth', `The proxy ${shown} does not accept the user name and password.`)
    if (/rejected connection/i.test(text)) throw new ProxyError('proxy_refused', `The proxy ${shown} refused the connection (${text.split(' - ').at(-1) ?? ''}).`)
    throw new ProxyError('proxy_unreachable', `The proxy ${shown} cannot be reached (${/\bE[A-Z]{3,}\b/.exec(text)?.[0] ?? text}).`, error)
  }
}

function connectTunnel(proxy: Proxy, host: string, port: number, timeout: number): Promise<Socket> {
  const { url, shown, username, password, reach } = proxy
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  const login = username === '' && password === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const connecting = open({
      method: 'CONNECT', host: hostOf(url.hostname), port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      path: target, headers: { host: target, ...login }, agent: false, timeout, lookup: reach.lookup,
      // Node would take the name for the proxy's own TLS from the host header, which names the target.
      servername: isIP(hostOf(url.hostname)) ? '' : hostOf(url.hostname),
    })
    connecting.once('connect', (answer, socket: Duplex) => {
      connecting.removeAllListeners('timeout')
      ;(socket as Socket).setTimeout(0)
      if (answer.statusCode === 200) return resolve(socket as Socket)
      socket.destroy()
      reject(refusal(shown, answer.statusCode ?? 0))
    })
    connecting.once('response', (answer) => {
      answer.destroy()
      reject(refusal(shown, answer.statusCode ?? 0))
    })
    connecting.once('timeout', () => connecting.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })))
    connecting.once('error', reject)
    connecting.end()
  })
}

function refusal(shown: string, status: number): ProxyError {
  // 407 by the standard; some answer 401 to a wrong password.
  return status === 407 || status === 401
    ? new ProxyError('proxy_auth', `The proxy ${shown} does not accept the user name and password (${status}).`)
    : new ProxyError('proxy_refused', `The proxy ${shown} refused the connection (${status}).`)
}
