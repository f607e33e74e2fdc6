import { onServerPrefetch } from 'vue'

/** The turns that parts of all pages take, one behind the other. */
let turns = Promise.resolve()

/** In the setup of a large part of a page: the server renders it in a turn of its own, so that running streams go on in between. */
export function useRenderTurn(): void {
  onServerPrefetch(() => turns = turns.then(() => new Promise(resolve => setImmediate(resolve))))
}
