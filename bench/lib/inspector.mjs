import { once } from 'node:events'
import { WebSocket } from 'undici'

/** A connection to a process that was started with --inspect: forces collections and reads what lives. */
export class Inspector {
  /** @param {WebSocket} socket */
  constructor(socket) {
    this.socket = socket
    this.id = 0
  }

  /** @param {number} port the one given to --inspect */
  static async open(port) {
    const response = await fetch(`http://127.0.0.1:${port}/json`)
    const [{ webSocketDebuggerUrl }] = /** @type {{ webSocketDebuggerUrl: string }[]} */ (await response.json())
    const socket = new WebSocket(webSocketDebuggerUrl)
    await once(socket, 'open')
    return new Inspector(socket)
  }

  /** Bytes that live after a full collection: heap and what hangs on it outside. */
  async liveBytes() {
    await this.#call('HeapProfiler.collectGarbage')
    const { result } = await this.#call('Runtime.evaluate', { expression: '(m => m.heapUsed + m.external)(process.memoryUsage())' })
    return /** @type {number} */ (result.value)
  }

  close() {
    this.socket.close()
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @returns {Promise<any>}
   */
  #call(method, params = {}) {
    const id = ++this.id
    return new Promise((resolve, reject) => {
      const onMessage = (/** @type {{ data: string }} */ event) => {
        const message = JSON.parse(event.data)
        if (message.id !== id) return
        this.socket.removeEventListener('message', onMessage)
        if (message.error) reject(new Error(`${method}: ${message.error.message}`))
        else resolve(message.result)
      }
      this.socket.addEventListener('message', onMessage)
      this.socket.addEventListener('close', () => reject(new Error('the process left')), { once: true })
      this.socket.send(JSON.stringify({ id, method, params }))
    })
  }
}
