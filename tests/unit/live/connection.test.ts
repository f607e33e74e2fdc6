import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LiveRows, LiveState } from '#shared/types/live'
import { createLiveConnection, type LiveSource } from '../../../composables/live-connection'

class Stream implements LiveSource {
  readyState = 0
  closed = false
  #listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>()
  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(event, [...this.#listeners.get(event) ?? [], listener])
  }

  close(): void { this.closed = true }
  emit(event: string, data: object = {}): void {
    if (event !== 'error') this.readyState = 1
    for (const listener of this.#listeners.get(event) ?? []) listener({ data: JSON.stringify(data) } as MessageEvent<string>)
  }
}

const state: LiveState = { at: 1, running: 0, accounts: [], full: true, gone: [] }
let streams: Stream[]
let asked: number
let answer: () => Promise<LiveState>
let told: (LiveState | LiveRows)[]
let failed: boolean
let connection: ReturnType<typeof createLiveConnection>

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  asked = 0
  told = []
  failed = false
  answer = () => Promise.resolve(state)
  connection = createLiveConnection({
    openStream: () => streams[streams.push(new Stream()) - 1]!,
    askState: () => {
      asked++
      return answer()
    },
    now: () => Date.now(), onState: data => told.push(data), onRows: data => told.push(data), onFailed: now => failed = now,
  })
  connection.start()
})
afterEach(() => {
  connection.stop()
  vi.useRealTimers()
})
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000)

test('a stream that is heard of is enough', async () => {
  streams[0]!.emit('state', state)
  for (let n = 0; n < 6; n++) {
    await seconds(10)
    streams[0]!.emit('ping', {})
  }
  expect(asked).toBe(0)
  expect(streams).toHaveLength(1)
  expect(told).toEqual([state])
})

test('while the stream is cut the server is asked, and rows may have come meanwhile', async () => {
  streams[0]!.emit('state', state)
  streams[0]!.readyState = 2
  streams[0]!.emit('error')
  await seconds(1)
  expect(told.slice(1)).toEqual([state, { at: 1, ids: [], more: true }])
  await seconds(18)
  expect(streams).toHaveLength(2)
  streams[1]!.emit('state', state)
  const before = asked
  await seconds(20)
  expect(asked).toBe(before)
})

test('a stream that is held back on its way, or has gone silent, is no stream', async () => {
  streams[0]!.readyState = 1
  await seconds(4)
  expect(asked).toBe(0)
  await seconds(3)
  expect(asked).toBe(1)
  streams[0]!.emit('state', state)
  await seconds(24)
  expect(asked).toBe(1)
  await seconds(6)
  expect(asked).toBeGreaterThan(1)
})

test('says that nothing can be had, until something can', async () => {
  answer = () => Promise.reject(new Error('away'))
  streams[0]!.readyState = 2
  await seconds(4)
  expect(failed).toBe(true)
  answer = () => Promise.resolve(state)
  await seconds(4)
  expect(failed).toBe(false)
})

test('what is answered after the stop is nobody\'s business', async () => {
  let give: (state: LiveState) => void = () => {}
  answer = () => new Promise(resolve => give = resolve)
  await seconds(6)
  expect(asked).toBe(1)
  connection.stop()
  give(state)
  await seconds(30)
  expect(told).toEqual([])
  expect(asked).toBe(1)
  expect(streams[0]!.closed).toBe(true)
})
