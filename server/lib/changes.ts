export const changeKinds = ['user', 'group', 'account', 'key', 'price', 'setting'] as const
export type ChangeKind = (typeof changeKinds)[number]
type Listener = (id: string) => void | Promise<void>
type Outward = (kind: ChangeKind, id: string) => Promise<void>

/**
 * Tells the in-memory views that a row changed. `emit` resolves once every listener has taken the change in,
 * so that an API answer means "in force on this instance"; the other instances are told on the way.
 */
export interface Changes {
  on(kind: ChangeKind, listener: Listener): void
  emit(kind: ChangeKind, id: string): Promise<void>
  /** Tells the other instances only. */
  announce(kind: ChangeKind, id: string): Promise<void>
  /** A change that another instance made. */
  receive(kind: ChangeKind, id: string): Promise<void>
  /** Registers who reads everything anew after changes may have been missed. */
  onGap(reload: () => Promise<void>): void
  /** Changes of other instances may have been missed: everybody reads everything anew. */
  gap(): Promise<void>
  /** Where changes go besides the own listeners. */
  tell(outward: Outward): void
}

export function createChanges(): Changes {
  const listeners = new Map<ChangeKind, Listener[]>()
  const reloads: (() => Promise<void>)[] = []
  let outward: Outward | null = null

  const receive = async (kind: ChangeKind, id: string): Promise<void> => {
    await Promise.all((listeners.get(kind) ?? []).map(listener => listener(id)))
  }
  const announce = async (kind: ChangeKind, id: string): Promise<void> => outward?.(kind, id)

  return {
    on(kind, listener) {
      listeners.set(kind, [...listeners.get(kind) ?? [], listener])
    },
    async emit(kind, id) {
      await receive(kind, id)
      await announce(kind, id)
    },
    announce,
    receive,
    onGap: reload => void reloads.push(reload),
    async gap() {
      await Promise.all(reloads.map(reload => reload()))
    },
    tell(given) {
      outward = given
    },
  }
}
