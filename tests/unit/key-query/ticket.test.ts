import { expect, test } from 'vitest'
import { createTickets, TICKET_MS } from '#server/key-query/ticket'
import { createSealer } from '#server/lib/seal'
import { handClock } from '../../helpers/pool'

const clock = handClock(1_700_000_000_000)
const sealer = createSealer({ current: 'a secret key that is long enough for tests' })
const tickets = createTickets({ sealer, clock })
const pass = { keyId: 'k1', mark: '0123456789abcdef' }

test('a ticket opens for ten minutes and no longer', () => {
  const { value, maxAgeMs } = tickets.pass(pass)
  expect(maxAgeMs).toBe(TICKET_MS)
  expect(tickets.read(value)).toEqual(pass)
  clock.time += TICKET_MS - 1
  expect(tickets.read(value)).toEqual(pass)
  clock.time += 1
  expect(tickets.read(value)).toBeNull()
})

test('what is changed, sealed for another place or by another installation, or no ticket at all opens nothing', () => {
  const { value } = tickets.pass(pass)
  const middle = value.length - 8
  const changed = value.slice(0, middle) + (value[middle] === 'A' ? 'B' : 'A') + value.slice(middle + 1)
  const elsewhere = createTickets({ sealer: createSealer({ current: 'another secret key that is long enough' }), clock })
  const otherPlace = sealer.seal(JSON.stringify({ expiresAt: clock.now() + 1000, what: pass }), 'account:1:credentials')
  for (const bad of [undefined, '', 'sk-12345678901234567890', changed, otherPlace, elsewhere.pass(pass).value]) expect(tickets.read(bad)).toBeNull()
})

test('a refusal is told for as long as it holds, within the life of a ticket', () => {
  expect(tickets.refusal({ refused: 'key', until: 0 }).maxAgeMs).toBe(60_000)
  expect(tickets.refusal({ refused: 'throttled', until: clock.now() + 300_000 }).maxAgeMs).toBe(300_000)
  const { value, maxAgeMs } = tickets.refusal({ refused: 'throttled', until: clock.now() + 10 * TICKET_MS })
  expect(maxAgeMs).toBe(TICKET_MS)
  expect(tickets.read(value)).toMatchObject({ refused: 'throttled' })
})
