import { expect, test } from 'vitest'
import { createLogger } from '#server/lib/logger'
import { createRowBuffer } from '#server/lib/row-buffer'

const logger = createLogger({ level: 'silent' })
const open = (write: (rows: number[]) => Promise<unknown>, over: object = {}) => createRowBuffer<number>({ write, logger, what: 'rows', periodMs: 3_600_000, maxBatch: 3, maxKept: 5, ...over })

test('rows are written in order, in batches, and what is left at the end', async () => {
  const written: number[][] = []
  const buffer = open(async rows => written.push(rows), { maxKept: 100 })
  for (let i = 1; i <= 7; i++) buffer.add(i)
  await buffer.flush()
  buffer.add(8)
  await buffer.stop()
  expect(written).toEqual([[1, 2, 3], [4, 5, 6], [7], [8]])
})

test('an outage loses nothing below the cap and the oldest beyond it', async () => {
  let away = true
  const written: number[] = []
  const buffer = open(async (rows) => {
    if (away) throw new Error('away')
    written.push(...rows)
  })
  for (let i = 1; i <= 4; i++) buffer.add(i)
  await buffer.flush()
  for (let i = 5; i <= 7; i++) buffer.add(i)
  await buffer.flush()
  away = false
  await buffer.stop()
  expect(written).toEqual([3, 4, 5, 6, 7])
})

test('two flushes at once write each row once', async () => {
  const written: number[] = []
  const buffer = open(async (rows) => {
    await Promise.resolve()
    written.push(...rows)
  })
  for (let i = 1; i <= 5; i++) buffer.add(i)
  await Promise.all([buffer.flush(), buffer.flush(), buffer.stop()])
  expect(written).toEqual([1, 2, 3, 4, 5])
})
