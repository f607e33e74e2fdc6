import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Lets one transaction at a time onto a shared connection. A statement from outside an open transaction waits for its
 * end, so that nobody's write lands inside, or is rolled back with, somebody else's transaction.
 */
export class TxGate {
  readonly #scope = new AsyncLocalStorage<symbol>()
  #open: symbol | null = null
  #ended: Promise<void> = Promise.resolve()

  /** Does the caller run inside the open transaction? */
  get inside(): boolean {
    return this.#open !== null && this.#scope.getStore() === this.#open
  }

  /** Calls `send` as soon as the caller may use the connection, in the same turn as the check. */
  async pass<T>(send: () => Promise<T>): Promise<T> {
    while (this.#open && !this.inside) await this.#ended
    return send()
  }

  /** Runs `fn` as the one open transaction. */
  async hold<T>(fn: () => Promise<T>): Promise<T> {
    while (this.#open) await this.#ended
    const me = this.#open = Symbol('transaction')
    let end!: () => void
    this.#ended = new Promise((resolve) => {
      end = resolve
    })
    try {
      return await this.#scope.run(me, fn)
    }
    finally {
      this.#open = null
      // While a scope is enabled, Node hooks every promise of the process, those of running streams too.
      this.#scope.disable()
      end()
    }
  }
}
