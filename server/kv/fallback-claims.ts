import type { Claims } from './claims'
import type { createMemoryClaims } from './memory-claims'

type Either = <T>(shared: () => Promise<T>, own: () => Promise<T>, onShared: () => void) => Promise<T>

/** The shared claims, with this process's own while they are away. The own ones are forgotten once the shared ones answer again. */
export function fallbackClaims(shared: Claims, own: ReturnType<typeof createMemoryClaims>, either: Either): Claims {
  let used = false
  const back = (): void => {
    if (used) own.clear()
    used = false
  }
  const on = <T>(call: (claims: Claims) => Promise<T>): Promise<T> => either(() => call(shared), () => {
    used = true
    return call(own)
  }, back)
  return {
    take: claim => on(claims => claims.take(claim)),
    keep: (subject, token, hold) => on(claims => claims.keep(subject, token, hold)),
    count: (subject, count) => on(claims => claims.count(subject, count)),
    build: (subject, base, how) => on(claims => claims.build(subject, base, how)),
    drop: subject => on(claims => claims.drop(subject)),
    read: (subject, spans) => on(claims => claims.read(subject, spans)),
  }
}
