import type { Migration } from './migrate'
import type { Store } from './store'

/** A store as its opener has it: also able to bring the database up to date. */
export interface OpenStore extends Store {
  /** Applies what is missing; of several processes one does it while the others wait. Throws StoreError. */
  migrate(list: Migration[]): Promise<void>
}
