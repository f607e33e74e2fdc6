import { z } from 'zod'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { Rooms } from './rooms'

/** How many requests run over all instances: on each account, or of each user. */
export interface InFlight {
  of(id: string): number
  total(): number
  stop(): Promise<void>
}

export interface InFlightDeps {
  kv: Kv
  /** What runs on this instance. */
  rooms: Pick<Rooms, 'running' | 'inFlight'>
  /** Under which name the instances tell each other. */
  channel?: string
  instanceId: string
  clock: Clock
  logger: Logger
}

const PERIOD_MS = 1_000
/** Told again without a change, so that an instance that started later hears of it too. */
const REPEAT_MS = 5_000
/** An instance that is not heard of for this long has ended. */
const FORGET_MS = 15_000

const messageSchema = z.object({ instance: z.string(), running: z.record(z.string(), z.number().int().min(0)) })

/**
 * Each instance tells the others its numbers, at the most once a second and outside of requests; so asking costs nothing.
 * Where instances share no kv, each knows its own only.
 */
export async function createInFlight({ kv, rooms, channel = 'in-flight', instanceId, clock, logger }: InFlightDeps): Promise<InFlight> {
  const others = new Map<string, { at: number, running: Record<string, number> }>()
  let told = '{}'
  let toldAt = 0

  async function tell(numbers: string): Promise<void> {
    told = numbers
    toldAt = clock.now()
    try {
      await kv.publish(channel, `{"instance":${JSON.stringify(instanceId)},"running":${numbers}}`)
    }
    catch (error) {
      logger.debug({ err: error }, 'the running requests were not told to other instances')
    }
  }

  function hear(text: string): void {
    const { instance, running } = messageSchema.parse(JSON.parse(text))
    if (instance === instanceId) return
    if (Object.keys(running).length > 0) others.set(instance, { at: clock.now(), running })
    else others.delete(instance)
  }

  const timer = setInterval(() => {
    const numbers = JSON.stringify(Object.fromEntries(rooms.running()))
    if (numbers !== told || (numbers !== '{}' && clock.now() - toldAt >= REPEAT_MS)) void tell(numbers)
    for (const [instance, { at }] of others) {
      if (clock.now() - at >= FORGET_MS) others.delete(instance)
    }
  }, PERIOD_MS)
  timer.unref()

  try {
    await kv.subscribe(channel, hear)
  }
  catch (error) {
    logger.warn({ err: error }, 'running requests of other instances are not heard of')
  }

  return {
    of(id) {
      let sum = rooms.inFlight(id)
      for (const { running } of others.values()) sum += running[id] ?? 0
      return sum
    },
    total() {
      const here = sumOf(rooms.running().values())
      return [...others.values()].reduce((sum, { running }) => sum + sumOf(Object.values(running)), here)
    },
    async stop() {
      clearInterval(timer)
      if (told !== '{}') await tell('{}')
    },
  }
}

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((sum, number) => sum + number, 0)
