import type { Server } from 'node:http'

/**
 * Idle limits of client connections. The keep-alive time is above the usual 60 s of a proxy in front, which must be the one
 * to close first. A request's headers must arrive in 30 s, its whole body in 10 minutes; answers have no total limit.
 */
export function tune(server: Server): Server {
  server.keepAliveTimeout = 75_000
  server.headersTimeout = 30_000
  server.requestTimeout = 600_000
  return server
}

/** Resolves when the port is open. Rejects with a message for people. */
export function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${host ?? '*'}:${port}`
      if (error.code === 'EADDRINUSE') reject(new Error(`Port ${where} is in use by another program. Set PORT to a free one.`))
      else if (error.code === 'EACCES') reject(new Error(`Port ${where} may not be opened by this user. Set PORT to one above 1023.`))
      else reject(new Error(`Cannot listen on ${where}: ${error.message}`))
    })
    server.listen({ port, host }, resolve)
  })
}

/** Refuses new connections, lets running answers end, and cuts what is left after `timeoutMs`. */
export async function closeGracefully(server: Server, timeoutMs: number): Promise<void> {
  // Right after the loop has taken in what was waiting at the port: a connection that it does not know of yet is reset.
  await new Promise(resolve => setImmediate(resolve))
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  const sweep = setInterval(() => server.closeIdleConnections(), 250)
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
