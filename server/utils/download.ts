import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setResponseHeaders, type H3Event } from 'h3'
import { useRuntime } from '#server/runtime'
import type { ExportFile } from '#server/lib/export-file'

/**
 * Sends a file piece by piece, no faster than the client takes it; one that leaves ends the reading. A failure before the
 * first piece is thrown, a later one cuts the connection, so that nobody takes half a file for a whole one.
 */
export async function sendFile(event: H3Event, { name, contentType, pieces }: ExportFile): Promise<void> {
  const first = await pieces.next()
  setResponseHeaders(event, { 'content-type': contentType, 'content-disposition': `attachment; filename="${name}"`, 'x-accel-buffering': 'no' })
  event._handled = true
  try {
    await pipeline(Readable.from(continued(first, pieces)), event.node.res)
  }
  catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_STREAM_PREMATURE_CLOSE') return
    useRuntime().logger.error({ err: error, requestId: event.context.requestId }, 'an export broke off')
    event.node.res.destroy()
  }
}

async function* continued<T>(first: IteratorResult<T, unknown>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    if (first.done) return
    yield first.value
    yield* rest
  }
  finally {
    await rest.return(undefined)
  }
}
