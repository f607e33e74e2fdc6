import { describe } from 'vitest'
import type { Kv } from '#server/kv/kv'
import { describeClaims } from './kv-claims'
import { describeLimits } from './kv-limits'
import { describeMessages } from './kv-messages'
import { useSubject } from './kv-subject'
import type { Advance } from './kv-subject'
import { describeValues } from './kv-values'

/**
 * What every Kv must do. `open` gives one more instance on the same shared state; `advance` lets that many
 * milliseconds pass on the clock that the store goes by.
 */
export function describeKv(name: string, open: () => Promise<Kv>, advance: Advance): void {
  describe(`kv: ${name}`, () => {
    const at = useSubject(open)
    describeValues(at, advance)
    describeLimits(at, advance)
    describeClaims(at, advance)
    describeMessages(at)
  })
}
