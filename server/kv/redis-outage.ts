import type { Redis } from 'ioredis'
import type { Logger } from '../lib/logger'

/** Logs one warning when the first of the watched connections is lost and one line when all are back. */
export function createOutageLog(logger: Logger, where: string) {
  const away = new Set<Redis>()
  let isClosing = false
  return {
    /** Call before the first connect: an `error` event without a listener would be printed. */
    watch(client: Redis): void {
      let wasReady = false
      let latest: Error | undefined
      client.on('error', (error: Error) => {
        latest = error
        logger.debug({ err: error }, `Redis at ${where} failed`)
      })
      client.on('close', () => {
        if (isClosing || !wasReady || away.has(client)) return
        away.add(client)
        if (away.size === 1) logger.warn({ err: latest }, `Redis at ${where} is away; trying again in the background`)
      })
      client.on('ready', () => {
        wasReady = true
        latest = undefined
        if (away.delete(client) && away.size === 0) logger.info(`Redis at ${where} is back`)
      })
    },
    /** From now on lost connections are meant. */
    closing(): void {
      isClosing = true
    },
  }
}
