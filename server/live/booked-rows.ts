import { z } from 'zod'
import type { ClosedRequest } from '#shared/types/log'
import type { Kv } from '../kv/kv'
import type { Logger } from '../lib/logger'

/** A request that was booked: whose it is, and its id. */
export type BookedRow = z.output<typeof rowSchema>

const CHANNEL = 'booked'
/** Of one batch so many are named to other instances; who reads them looks for the rest in the list anyway. */
const MAX_TOLD = 200
const rowSchema = z.object({ id: z.string(), userId: z.string().nullable() })
const messageSchema = z.object({ from: z.string(), rows: z.array(rowSchema) })

export interface BookedRowsDeps {
  kv: Kv
  instanceId: string
  logger: Logger
  onRows(rows: BookedRow[]): void
}

/** Hears of rows that this instance booked, and over the kv of those that others did. Where instances share no kv, of its own only. */
export async function shareBookedRows({ kv, instanceId, logger, onRows }: BookedRowsDeps): Promise<{ booked(rows: readonly ClosedRequest[]): void, stop(): Promise<void> }> {
  let unsubscribe = async (): Promise<void> => {}
  try {
    unsubscribe = await kv.subscribe(CHANNEL, (text) => {
      const { from, rows } = messageSchema.parse(JSON.parse(text))
      if (from !== instanceId) onRows(rows)
    })
  }
  catch (error) {
    logger.warn({ err: error }, 'rows that other instances book are not heard of')
  }
  return {
    booked(closed) {
      if (closed.length === 0) return
      const rows = closed.map(({ requestId, userId }) => ({ id: requestId, userId }))
      onRows(rows)
      kv.publish(CHANNEL, JSON.stringify({ from: instanceId, rows: rows.slice(-MAX_TOLD) }))
        .catch((error: unknown) => logger.debug({ err: error }, 'booked rows were not told to other instances'))
    },
    stop: () => unsubscribe(),
  }
}
