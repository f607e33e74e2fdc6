import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOutbound, type Outbound } from '#server/lib/outbound'

/** Names of the tests, and what they resolve to. */
const names: Record<string, string[]> = {
  'inside.example': ['127.0.0.1'],
  'inside6.example': ['::1'],
  'metadata.example': ['169.254.169.254'],
  'office.example': ['10.1.2.3'],
  'mapped.example': ['::ffff:192.168.1.1'],
  'both.example': ['93.184.216.34', '127.0.0.1'],
}

let server: Server
let port: number
let hits: string[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let outbound: Outbound

beforeEach(async () => {
  hits = []
  answer = (_, response) => void response.end('fine')
  server = createServer((request, response) => {
    hits.push(request.url ?? '')
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  outbound = createOutbound({
    resolve(hostname, _, callback) {
      const found = names[hostname]
      if (found) callback(null, found.map(address => ({ address, family: address.includes(':') ? 6 : 4 })))
      else callback(Object.assign(new Error(`no such name ${hostname}`), { code: 'ENOTFOUND' }), [])
    },
  })
})
afterEach(async () => {
  await outbound.close()
  server.closeAllConnections()
  server.close()
})

describe('what a user entered', () => {
  test.each([
    '127.0.0.1', '127.8.8.8', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '0.0.0.0', '0x7f.1', '2130706433',
    '[fe80::1]', '[fd00::1]', '[64:ff9b::7f00:1]', 'inside.example', 'inside6.example', 'metadata.example', 'office.example', 'mapped.example', 'both.example',
  ])('never gets to %s', async (host) => {
    await expect(outbound.send({ url: `http://${host}:${port}/x`, allowPrivate: false })).rejects.toMatchObject({ code: 'private_address' })
    expect(hits).toEqual([])
  })

  test('never gets to a private address over TLS either', async () => {
    await expect(outbound.send({ url: `https://inside.example:${port}/x`, allowPrivate: false })).rejects.toMatchObject({ code: 'private_address' })
    await expect(outbound.send({ url: `https://127.0.0.1:${port}/x`, allowPrivate: false })).rejects.toMatchObject({ code: 'private_address' })
  })

  test('is not carried over by a connection that an admin\'s call left open', async () => {
    await outbound.send({ url: `http://inside.example:${port}/admin`, allowPrivate: true })
    await expect(outbound.send({ url: `http://inside.example:${port}/user`, allowPrivate: false })).rejects.toMatchObject({ code: 'private_address' })
    expect(hits).toEqual(['/admin'])
  })
})

describe('what an admin entered', () => {
  test.each(['127.0.0.1', 'inside.example'])('may lie inside: %s', async (host) => {
    expect(await outbound.send({ url: `http://${host}:${port}/x`, allowPrivate: true })).toMatchObject({ status: 200, text: 'fine' })
  })

  test('is not followed to where it redirects', async () => {
    answer = (request, response) => void (request.url === '/from' ? response.writeHead(302, { location: '/to' }).end() : response.end('arrived'))
    expect(await outbound.send({ url: `http://127.0.0.1:${port}/from`, allowPrivate: true })).toMatchObject({ status: 302 })
    expect(hits).toEqual(['/from'])
  })
})

test('a host that never answers is given up', async () => {
  answer = () => undefined
  await expect(outbound.send({ url: `http://127.0.0.1:${port}/x`, allowPrivate: true, timeoutMs: 30 })).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a host that answers without end is given up', async () => {
  answer = (_, response) => void response.write('x')
  await expect(outbound.send({ url: `http://127.0.0.1:${port}/x`, allowPrivate: true, timeoutMs: 30 })).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('only the beginning of a large answer is read', async () => {
  answer = (_, response) => {
    const chunk = Buffer.alloc(16_384, 'y')
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  }
  const { text } = await outbound.send({ url: `http://127.0.0.1:${port}/x`, allowPrivate: true, maxBytes: 1000 })
  expect(text).toBe('y'.repeat(1000))
})

test('body, method and headers arrive', async () => {
  const seen: unknown[] = []
  answer = async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    seen.push(request.method, request.headers['x-a'], body)
    response.end()
  }
  await outbound.send({ url: `http://127.0.0.1:${port}/x`, method: 'POST', headers: { 'x-a': '1' }, body: 'hello', allowPrivate: true })
  expect(seen).toEqual(['POST', '1', 'hello'])
})
