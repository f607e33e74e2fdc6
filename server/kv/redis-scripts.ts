import type { Redis } from 'ioredis'

/** Epoch-ms of the server, so that instances with different clocks agree. */
const now = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`

/** A sorted set of tokens by the time they expire; the set itself ends with its last token. */
const places = `${now}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local function place(token, ttl)
  redis.call('ZADD', KEYS[1], now + ttl, token)
  redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
end
`

const scripts = {
  /** key · expected, value, ttl → 1 or 0 */
  relaySetIfEqual: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`,
  /** key · expected → 1 or 0 */
  relayDeleteIfEqual: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`,
  /** key · by, ttl ('' for none) → sum */
  relayIncrBy: `
local isNew = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if isNew and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum
`,
  /** A list of times, oldest first. key · max, window → allowed (1 or 0), count, retry after */
  relayHit: `${now}
local max = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
local count = redis.call('LLEN', KEYS[1])
if count >= max then
  local leaves = redis.call('LINDEX', KEYS[1], count - max) or now
  return {0, count, leaves + window - now}
end
redis.call('RPUSH', KEYS[1], now)
redis.call('PEXPIRE', KEYS[1], window)
return {1, count + 1, 0}
`,
  /** key · slots, token, ttl → 1 or 0 */
  relayAcquire: `${places}
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
place(ARGV[2], ARGV[3])
return 1
`,
  /** key · token, ttl → 1 or 0 */
  relayRenew: `${places}
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
place(ARGV[1], ARGV[2])
return 1
`,
  /** key → places taken */
  relayHeld: `${places}
return redis.call('ZCARD', KEYS[1])
`,
}

export interface Scripts {
  relaySetIfEqual(key: string, expected: string, value: string, ttlMs: number): Promise<0 | 1>
  relayDeleteIfEqual(key: string, expected: string): Promise<0 | 1>
  relayIncrBy(key: string, by: number, ttlMs: number | ''): Promise<number>
  relayHit(key: string, max: number, windowMs: number): Promise<[0 | 1, number, number]>
  relayAcquire(key: string, slots: number, token: string, ttlMs: number): Promise<0 | 1>
  relayRenew(key: string, token: string, ttlMs: number): Promise<0 | 1>
  relayHeld(key: string): Promise<number>
}

/** Adds the atomic steps to a connection. Each goes by the clock of the server and touches one key. */
export function withScripts(client: Redis): Redis & Scripts {
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { numberOfKeys: 1, lua })
  return client as Redis & Scripts
}
