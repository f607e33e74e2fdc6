import type { Redis } from 'ioredis'
import { newId } from '../lib/id'
import { costPeriods, COUNTER_TTL_MS, TICKET_TTL_MS, type ClaimAnswer, type Claims, type CostPeriod, type CountAnswer, type Spans } from './claims'

// Four keys of a subject: KEYS[1] list of hit times, [2] sorted set of running tokens by their end, [3] hash of token → nano-USD set
// aside, [4] the counter: hash of built, ticket, day, day:n, … total:n, and at:<writer> → position.

const prelude = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function forget(token)
  redis.call('ZREM', KEYS[2], token)
  redis.call('HDEL', KEYS[3], token)
end
local function living()
  for _, token in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do forget(token) end
  return redis.call('ZCARD', KEYS[2])
end
local function hold(token, ttl, estimate)
  redis.call('ZADD', KEYS[2], now + ttl, token)
  if tonumber(estimate) > 0 then redis.call('HSET', KEYS[3], token, estimate) end
  local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', KEYS[2], last)
  redis.call('PEXPIREAT', KEYS[3], last)
end
local function reserved()
  local sum = 0
  for _, amount in ipairs(redis.call('HVALS', KEYS[3])) do sum = sum + tonumber(amount) end
  return sum
end
local function used(period, wanted)
  if period ~= 'total' and (redis.call('HGET', KEYS[4], period) or '') < wanted then return 0 end
  return tonumber(redis.call('HGET', KEYS[4], period .. ':n') or '0')
end
`

const scripts = {
  /** token, ttl, rate max, window, places, estimate, then cap and span of total, month, week, day ('' for none) */
  relayTake: `${prelude}
local capped = false
for i = 7, 13, 2 do capped = capped or ARGV[i] ~= '' end
local built = redis.call('HGET', KEYS[4], 'built')
if capped and not built then return {'absent', redis.call('HGET', KEYS[4], 'ticket') or ''} end
local running = living()
local estimate = tonumber(ARGV[6])
if capped then
  local aside = reserved()
  for i, period in ipairs({${costPeriods.map(period => `'${period}'`).join(', ')}}) do
    local cap = ARGV[5 + 2 * i]
    if cap ~= '' then
      local sum = used(period, ARGV[6 + 2 * i])
      cap = tonumber(cap)
      if sum >= cap or (aside > 0 and sum + aside + estimate > cap) then return {'cap', period, sum, aside} end
    end
  end
end
if ARGV[5] ~= '' and running >= tonumber(ARGV[5]) then return {'places', running} end
if ARGV[3] ~= '' then
  local max = tonumber(ARGV[3])
  local window = tonumber(ARGV[4])
  local oldest = redis.call('LINDEX', KEYS[1], 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', KEYS[1])
    oldest = redis.call('LINDEX', KEYS[1], 0)
  end
  local count = redis.call('LLEN', KEYS[1])
  if count >= max then return {'rate', count, (redis.call('LINDEX', KEYS[1], count - max) or now) + window - now} end
  redis.call('RPUSH', KEYS[1], now)
  redis.call('PEXPIRE', KEYS[1], window)
end
if capped or ARGV[5] ~= '' then hold(ARGV[1], ARGV[2], ARGV[6]) end
return {'taken'}
`,
  /** token, ttl, estimate */
  relayKeep: `${prelude}
living()
hold(ARGV[1], ARGV[2], ARGV[3])
`,
  /** writer, after, ttl, number of tokens, the tokens, then position, amount, month, week, day of each entry */
  relayCount: `${prelude}
local tokens = tonumber(ARGV[4])
for i = 5, 4 + tokens do forget(ARGV[i]) end
if not redis.call('HGET', KEYS[4], 'built') then return {'absent'} end
local mark = 'at:' .. ARGV[1]
local applied = redis.call('HGET', KEYS[4], mark) or ''
if applied < ARGV[2] then return {'gap', applied} end
for i = 5 + tokens, #ARGV, 5 do
  if ARGV[i] > applied then
    applied = ARGV[i]
    redis.call('HINCRBY', KEYS[4], 'total:n', ARGV[i + 1])
    for j, period in ipairs({'month', 'week', 'day'}) do
      local span = ARGV[i + 1 + j]
      local counted = redis.call('HGET', KEYS[4], period) or ''
      if span > counted then redis.call('HSET', KEYS[4], period, span, period .. ':n', ARGV[i + 1])
      elseif span == counted then redis.call('HINCRBY', KEYS[4], period .. ':n', ARGV[i + 1]) end
    end
  end
end
if #ARGV > 4 + tokens then
  redis.call('HSET', KEYS[4], mark, applied)
  redis.call('PEXPIRE', KEYS[4], ARGV[3])
end
return {'counted'}
`,
  /** ticket, replace ('1' or ''), ttl, then field, value, … */
  relayBuild: `${prelude}
if ARGV[2] == '' then
  if redis.call('HGET', KEYS[4], 'built') then return 'kept' end
  if (redis.call('HGET', KEYS[4], 'ticket') or '') ~= ARGV[1] then return 'again' end
end
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'built', string.format('%.0f', now))
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[4], ARGV[3])
return 'built'
`,
  /** ticket, ttl */
  relayDrop: `
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'ticket', ARGV[1])
redis.call('PEXPIRE', KEYS[4], ARGV[2])
`,
  /** month, week, day */
  relayRead: `${prelude}
if not redis.call('HGET', KEYS[4], 'built') then return redis.call('HGET', KEYS[4], 'ticket') or '' end
local running = living()
return {used('total', ''), used('month', ARGV[1]), used('week', ARGV[2]), used('day', ARGV[3]), reserved(), running}
`,
}

type Keys = readonly [string, string, string, string]
type Scripts = Record<keyof typeof scripts, (...args: (string | number)[]) => Promise<unknown>>

/** Claims in Redis: one script, one trip each. */
export function createRedisClaims(client: Redis, prefix: string): Claims {
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { numberOfKeys: 4, lua })
  const run = client as unknown as Scripts
  const keysOf = (subject: string): Keys => ['hits', 'running', 'aside', 'spent'].map(part => `${prefix}limit:{${subject}}:${part}`) as unknown as Keys
  const spansOf = ({ month, week, day }: Spans): string[] => [month, week, day]

  return {
    async take({ subject, token, ttlMs, rate, places, caps, spans, estimate }) {
      const bounds = costPeriods.flatMap(period => [caps?.[period] ?? '', period === 'total' ? '' : spans[period]])
      const answer = await run.relayTake(...keysOf(subject), token, ttlMs, rate?.max ?? '', rate?.windowMs ?? '', places ?? '', estimate, ...bounds)
      return claimAnswer(answer as [ClaimAnswer['result'], ...(string | number)[]])
    },
    async keep(subject, token, { ttlMs, estimate }) {
      await run.relayKeep(...keysOf(subject), token, ttlMs, estimate)
    },
    async count(subject, { writer, after, entries, ended }) {
      const args = entries.flatMap(entry => [entry.position, entry.amount, ...spansOf(entry)])
      const [result, applied = ''] = await run.relayCount(...keysOf(subject), writer, after, COUNTER_TTL_MS, ended.length, ...ended, ...args) as [CountAnswer['result'], string?]
      return result === 'gap' ? { local: false, result, applied } : { local: false, result }
    },
    async build(subject, { spans, sums, positions }, how) {
      const fields = [
        ...(['month', 'week', 'day'] as const).flatMap(period => [period, spans[period]]),
        ...costPeriods.flatMap(period => [`${period}:n`, sums[period]]),
        ...Object.entries(positions).flatMap(([writer, position]) => [`at:${writer}`, position]),
      ]
      const [ticket, replace] = 'replace' in how ? ['', '1'] : [how.ticket, '']
      return await run.relayBuild(...keysOf(subject), ticket, replace, COUNTER_TTL_MS, ...fields) as 'built' | 'kept' | 'again'
    },
    async drop(subject) {
      await run.relayDrop(...keysOf(subject), newId(), TICKET_TTL_MS)
      return { local: false }
    },
    async read(subject, spans) {
      const answer = await run.relayRead(...keysOf(subject), ...spansOf(spans)) as number[] | string
      if (typeof answer === 'string') return { local: false, ticket: answer }
      const [total = 0, month = 0, week = 0, day = 0, reserved = 0, running = 0] = answer
      return { local: false, total, month, week, day, reserved, running }
    },
  }
}

function claimAnswer([result, first, second, third]: [ClaimAnswer['result'], ...(string | number)[]]): ClaimAnswer {
  const local = false
  switch (result) {
    case 'taken': return { local, result }
    case 'absent': return { local, result, ticket: String(first) }
    case 'rate': return { local, result, count: Number(first), retryAfterMs: Number(second) }
    case 'places': return { local, result, count: Number(first) }
    case 'cap': return { local, result, period: first as CostPeriod, used: Number(second), reserved: Number(third) }
  }
}
