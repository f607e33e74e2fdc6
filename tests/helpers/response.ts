import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'

/** An answer's far end in memory: what was written, in what order, at a pace the test sets. */
export class FakeResponse extends EventEmitter {
  headersSent = false
  destroyed = false
  writableEnded = false
  statusCode = 0
  headers: string[] = []
  /** Does the client keep up? */
  keepsUp = true
  readonly written: string[] = []

  writeHead(status: number, headers: string[]): void {
    if (this.headersSent) throw new Error('the head was sent twice')
    Object.assign(this, { headersSent: true, statusCode: status, headers })
  }

  write(bytes: Buffer | string): boolean {
    if (!this.headersSent) throw new Error('bytes before the head')
    if (this.writableEnded) throw new Error('bytes after the end')
    this.written.push(bytes.toString())
    return this.keepsUp
  }

  end(bytes?: Buffer | string): void {
    if (bytes !== undefined) this.write(bytes)
    this.writableEnded = true
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    process.nextTick(() => this.emit('close'))
  }

  /** The client reads again. */
  drain(): void {
    this.keepsUp = true
    this.emit('drain')
  }

  text(): string {
    return this.written.join('')
  }

  asResponse(): ServerResponse {
    return this as unknown as ServerResponse
  }
}
