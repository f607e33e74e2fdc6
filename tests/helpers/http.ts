import { Agent, request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

/** A request told exactly: header names and their order go out as written, nothing is added but Host. */
export interface Outgoing {
  url: string
  method?: string
  /** Name, value, name, value; or a record. */
  headers?: string[] | Record<string, string>
  /** An array goes out in chunks (transfer-encoding: chunked), each written on its own. */
  body?: string | Buffer | Buffer[]
  agent?: Agent
}

export interface Received {
  status: number
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: Buffer
  text: string
  json<T = Record<string, unknown>>(): T
  /** The answer came to its orderly end. */
  complete: boolean
}

const flat = (headers: Outgoing['headers'] = []): string[] =>
  Array.isArray(headers) ? headers : Object.entries(headers).flat()

/** Opens the request and writes the body. Each has its own connection, unless an agent is given. */
export function open({ url, method = 'POST', headers, body, agent }: Outgoing): ClientRequest {
  const given = flat(headers)
  const has = (name: string) => given.some((text, at) => at % 2 === 0 && text.toLowerCase() === name)
  const { host } = new URL(url)
  const all = [
    ...has('host') ? [] : ['Host', host],
    ...given,
    ...lengthOf(body, has),
  ]
  // A flat array keeps names and order; node's types want a record.
  const outgoing = request(url, { method, agent: agent ?? new Agent(), headers: all as unknown as Record<string, string> })
  if (Array.isArray(body)) void writeChunks(outgoing, body)
  else outgoing.end(body)
  return outgoing
}

function lengthOf(body: Outgoing['body'], has: (name: string) => boolean): string[] {
  if (body === undefined || has('content-length') || has('transfer-encoding')) return []
  return Array.isArray(body) ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(Buffer.byteLength(body))]
}

async function writeChunks(outgoing: ClientRequest, chunks: Buffer[]): Promise<void> {
  for (const chunk of chunks) await new Promise(resolve => outgoing.write(chunk, resolve))
  outgoing.end()
}

/** Resolves with the response as soon as its headers are here. */
export function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
}

/** Sends and reads the answer to its end, orderly or not. Rejects only when no answer came. */
export async function send(outgoing: Outgoing): Promise<Received> {
  const response = await responseOf(open(outgoing))
  const chunks: Buffer[] = []
  await new Promise<void>((resolve) => {
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A cut answer is a result: `complete` tells.
    response.on('error', () => {})
    response.on('close', () => resolve())
  })
  const body = Buffer.concat(chunks)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body,
    text: body.toString(),
    json: <T>() => JSON.parse(body.toString()) as T,
    complete: response.complete,
  }
}

/** The values of a header as they came, names compared without case. */
export function rawValues(rawHeaders: string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase())
}
