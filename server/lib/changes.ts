export const changeKinds = ['user', 'group', 'account', 'key', 'price', 'setting'] as const
export type ChangeKind = (typeof changeKinds)[number]
type Listener = (id: string) => void | Promise<void>

/**
 * Tells the in-memory views that a row changed. `emit` resolves once every listener has taken the change in,
 * so that an API answer means "in force on this instance".
 */
export interface Changes {
  on(kind: ChangeKind, listener: Listener): void
  emit(kind: ChangeKind, id: string): Promise<void>
}

export function createChanges(): Changes {
  const listeners = new Map<ChangeKind, Listener[]>()
  return {
    on(kind, listener) {
      listeners.set(kind, [...listeners.get(kind) ?? [], listener])
    },
    async emit(kind, id) {
      await Promise.all((listeners.get(kind) ?? []).map(listener => listener(id)))
    },
  }
}
