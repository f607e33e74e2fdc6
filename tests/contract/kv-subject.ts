import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach } from 'vitest'
import type { Kv } from '#server/kv/kv'

/** Milliseconds: long never ends within a test, short can be waited for. */
export const long = 60_000
export const short = 80

export type Advance = (ms: number) => Promise<void>

/** What each test works on: a fresh instance, and a key that no other test uses. */
export interface Subject {
  kv: Kv
  key: string
}

/** Inside a `describe`: opens an instance for each test and closes it. */
export function useSubject(open: () => Promise<Kv>): Subject {
  const at = {} as Subject
  beforeEach(async () => {
    at.kv = await open()
    at.key = `test:${randomUUID()}`
  })
  afterEach(() => at.kv.close())
  return at
}
