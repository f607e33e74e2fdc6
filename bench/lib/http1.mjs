/**
 * The least of HTTP/1.1 that both ends of the bench need. node:http would cost as much as the proxies that are measured,
 * and on few cores the load, not the proxy, would then set the pace.
 */

const headEnd = Buffer.from('\r\n\r\n')

/** Collects a head that may come in pieces. */
class Head {
  constructor() {
    this.rest = Buffer.alloc(0)
  }

  /** @type {(data: Buffer, at: number) => { text: string, at: number } | null} The lower-cased head and the offset behind it, or null. */
  push(data, at) {
    const before = this.rest.length
    const all = before ? Buffer.concat([this.rest, data.subarray(at)]) : data.subarray(at)
    const end = all.indexOf(headEnd)
    if (end < 0) {
      if (all.length > 65_536) throw new Error('endless head')
      this.rest = Buffer.from(all)
      return null
    }
    this.rest = Buffer.alloc(0)
    return { text: all.toString('latin1', 0, end + 2).toLowerCase(), at: at + end + 4 - before }
  }
}

/** @type {(head: string, name: string) => string | null} */
export function headerOf(head, name) {
  const at = head.indexOf(`\r\n${name}:`)
  if (at < 0) return null
  return head.slice(at + name.length + 3, head.indexOf('\r\n', at + 2)).trim()
}

/** @type {(text: string | null) => number} */
function lengthOf(text) {
  const length = Number(text ?? Number.NaN)
  if (!Number.isSafeInteger(length)) throw new Error('a content-length is needed')
  return length
}

/** Reads requests of one socket; bodies need a content-length and are counted, not kept. */
export class RequestReader {
  /** @param {(head: string) => void} onRequest called when the whole body has come */
  constructor(onRequest) {
    this.onRequest = onRequest
    this.head = new Head()
    this.left = -1
    this.text = ''
  }

  /** @param {Buffer} data */
  push(data) {
    let at = 0
    while (at < data.length || this.left === 0) {
      if (this.left < 0) {
        const head = this.head.push(data, at)
        if (!head) return
        this.text = head.text
        this.left = lengthOf(headerOf(head.text, 'content-length') ?? '0')
        at = head.at
      }
      const took = Math.min(this.left, data.length - at)
      this.left -= took
      at += took
      if (this.left > 0) return
      this.left = -1
      this.onRequest(this.text)
    }
  }
}

/**
 * Reads the answers of one socket, with content-length or chunked.
 * @typedef {object} Answer
 * @property {(status: number, head: string) => void} onHead
 * @property {(data: Buffer, from: number, to: number) => void} onBody
 * @property {() => void} onEnd
 */
export class ResponseReader {
  /** @param {Answer} answer */
  constructor(answer) {
    this.answer = answer
    this.head = new Head()
    /** @type {'head' | 'size' | 'body' | 'gap' | 'trailer'} */
    this.state = 'head'
    this.left = 0
    this.chunked = false
    this.line = 0
  }

  /** @param {Buffer} data */
  push(data) {
    let at = 0
    while (at < data.length) {
      if (this.state === 'head') {
        const head = this.head.push(data, at)
        if (!head) return
        at = head.at
        this.#begin(head.text)
      }
      else if (this.state === 'body') at = this.#body(data, at)
      else if (this.state === 'size') this.#size(data[at++])
      else if (this.state === 'gap') {
        if (data[at++] === 10) this.state = 'size'
      }
      else this.#trailer(data[at++])
    }
  }

  /** @param {string} head */
  #begin(head) {
    this.chunked = headerOf(head, 'transfer-encoding') === 'chunked'
    this.left = this.chunked ? 0 : lengthOf(headerOf(head, 'content-length'))
    this.state = this.chunked ? 'size' : 'body'
    this.answer.onHead(Number(head.slice(9, 12)), head)
    if (!this.chunked && this.left === 0) this.#end()
  }

  #body(/** @type {Buffer} */ data, /** @type {number} */ at) {
    const to = Math.min(data.length, at + this.left)
    this.left -= to - at
    this.answer.onBody(data, at, to)
    if (this.left === 0) {
      if (this.chunked) this.state = 'gap'
      else this.#end()
    }
    return to
  }

  /** @param {number} byte */
  #size(byte) {
    if (byte === 10) {
      this.state = this.left > 0 ? 'body' : 'trailer'
      this.line = 0
    }
    else if (byte >= 48 && byte <= 57) this.left = this.left * 16 + byte - 48
    else if ((byte | 32) >= 97 && (byte | 32) <= 102) this.left = this.left * 16 + (byte | 32) - 87
    else if (byte !== 13) throw new Error(`not a chunk size: byte ${byte}`)
  }

  /** @param {number} byte */
  #trailer(byte) {
    if (byte !== 10) {
      if (byte !== 13) this.line++
      return
    }
    if (this.line === 0) this.#end()
    this.line = 0
  }

  #end() {
    this.state = 'head'
    this.left = 0
    this.answer.onEnd()
  }
}
