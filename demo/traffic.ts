import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { allowsModel } from '#shared/utils/model-pattern'
import { clients, models } from './cast'
import { between, dice, hex, pickBy, whole, type Random } from './random'
import { wishText, type Wish } from './upstream/server'

/** A key that the traffic uses. */
export interface TrafficKey {
  key: string
  weight: number
  ip: string
  /** Models by pattern; empty: all. */
  models: readonly string[]
}

export interface TrafficOptions {
  /** Of the relay, without `/claude-code`. */
  url: string
  keys: readonly TrafficKey[]
  seed: number
  /** New requests a second, about; 0: none but the held ones. */
  perSecond: number
  /** Streams that begin at once and go on for minutes. */
  held?: number
}

export interface Traffic {
  /** Requests that were answered to their end, whatever the status, or left on purpose. */
  done(): number
  /** Leaves all running requests and resolves when the last one is gone. */
  stop(): Promise<void>
}

interface Conversation { key: TrafficKey, session: string, client: string, model: string, cached: number, turns: number }

const OPEN_CONVERSATIONS = 14
const HELD_MS = 10 * 60_000

/** People at work: conversations whose requests come one after another, most of them short, some long, some left before their end. */
export function startTraffic({ url, keys, seed, perSecond, held = 0 }: TrafficOptions): Traffic {
  const random = dice(seed)
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const running = new Set<Promise<void>>()
  const open: Conversation[] = []
  let done = 0

  function converse(): Conversation {
    if (open.length < OPEN_CONVERSATIONS) open.push(begin(random, keys))
    const at = Math.floor(random() * open.length)
    const chosen = open[at]!
    if (--chosen.turns <= 0) open.splice(at, 1)
    return chosen
  }

  async function ask(conversation: Conversation, wish = wishFor(random, conversation)): Promise<void> {
    const leaving = new AbortController()
    const patience = random() < 0.02 ? setTimeout(() => leaving.abort(), between(random, 1_500, 4_000)) : undefined
    try {
      const answer = await fetch(`${url}/claude-code/v1/messages`, { method: 'POST', ...requestOf(random, conversation, wish, wish.ms >= HELD_MS || random() < 0.95), signal: AbortSignal.any([leaving.signal, ending.signal]) })
      await answer.body?.pipeTo(new WritableStream())
    }
    catch (error) {
      // Whoever stops, or stays until a stream is cut, has seen what the demo is there to show.
      if (!(error instanceof Error)) throw error
    }
    finally {
      clearTimeout(patience)
      done++
    }
  }

  function start(wish?: Wish): void {
    const request = ask(converse(), wish).finally(() => running.delete(request))
    running.add(request)
  }

  /** An end that was asked for cuts a pause short; anything else is a fault. */
  function unlessEnding(error: unknown): void {
    if (!ending.signal.aborted) throw error
  }

  async function go(): Promise<void> {
    for (let n = 0; n < held; n++) start({ cached: 20_000, output: 2_000, ms: HELD_MS })
    while (perSecond > 0 && !ending.signal.aborted) {
      start()
      await pause(between(random, 0.2, 1.8) * 1000 / perSecond, undefined, { signal: ending.signal }).catch(unlessEnding)
    }
  }

  const going = go()
  return {
    done: () => done,
    async stop() {
      ending.abort()
      await going
      await Promise.all(running)
    },
  }
}

function begin(random: Random, keys: readonly TrafficKey[]): Conversation {
  const key = pickBy(random, keys)
  return {
    key, session: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
    client: pickBy(random, clients).name, model: pickBy(random, models.filter(({ name }) => allowsModel(key.models, name))).name, cached: whole(random, 3_000, 9_000), turns: whole(random, 3, 18),
  }
}

function wishFor(random: Random, conversation: Conversation): Wish {
  const long = random() < 0.12
  const { cached } = conversation
  conversation.cached += whole(random, 100, 900)
  return { cached, output: long ? whole(random, 500, 1_100) : Math.round(30 + random() ** 2 * 300), ms: long ? whole(random, 15_000, 45_000) : whole(random, 800, 9_000) }
}

function requestOf(random: Random, { key, session, client, model }: Conversation, wish: Wish, stream: boolean): { headers: Record<string, string>, body: string } {
  return {
    headers: {
      'content-type': 'application/json', 'authorization': `Bearer ${key.key}`, 'anthropic-version': '2023-06-01', 'user-agent': client,
      'x-claude-code-session-id': session, 'x-forwarded-for': key.ip, ...random() < 0.15 ? { 'x-claude-code-agent-id': `agent-${session.slice(0, 8)}` } : {},
    },
    body: JSON.stringify({ model, max_tokens: 32_000, stream, messages: [{ role: 'user', content: wishText(wish) }] }),
  }
}
