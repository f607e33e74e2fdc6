import { pino } from 'pino'
import type { DestinationStream, LevelWithSilent, Logger } from 'pino'
import { hidden, redactText } from './redact'

export type { Logger } from 'pino'

const maxDepth = 5
const maxCauses = 3
const blockBytes = 8_192
const flushMs = 100

/** One for all loggers of the process. */
let standardOutput: DestinationStream | undefined

/** Field names without case, hyphens and underscores whose values never reach a log line. */
const secretNames = new Set([
  'authorization', 'proxyauthorization', 'apikey', 'xapikey', 'cookie', 'setcookie', 'credentials', 'proxyurl',
  'password', 'currentpassword', 'oldpassword', 'newpassword', 'secret', 'clientsecret', 'secretkey', 'sessionsecret',
  'token', 'accesstoken', 'refreshtoken', 'sessiontoken', 'sharetoken', 'idtoken', 'authtoken',
])

/**
 * Writes one JSON line per entry to standard output, or to `destination`. Secrets are hidden by field name
 * down to five levels and by shape everywhere; what lies deeper is cut, and bytes are only counted.
 */
export function createLogger(options: { level: LevelWithSilent, destination?: DestinationStream }): Logger {
  return pino({
    level: options.level,
    base: null,
    timestamp,
    serializers: { err: (value: unknown) => value },
    formatters: {
      level: label => ({ level: label }),
      bindings: cleanFields,
      log: cleanFields,
    },
    hooks: { streamWrite: redactText },
  }, options.destination ?? (standardOutput ??= openStandardOutput()))
}

/**
 * Standard output, written in blocks: at the latest after {@link flushMs}, and at the process's end. Only a hard kill costs the last lines.
 */
function openStandardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true, minLength: blockBytes })
  let due: NodeJS.Timeout | undefined
  process.once('exit', () => output.flushSync())
  const flush = (): void => {
    due = undefined
    // Without a callback it writes; with one it would also sync the file, which holds this thread for milliseconds.
    output.flush()
  }
  return {
    write(line) {
      output.write(line)
      due ??= setTimeout(flush, flushMs).unref()
    },
  }
}

/** The loggable form of an error: type, message, stack, code and causes, without secrets and other fields. */
export function serializeError(error: Error, causes = maxCauses): Record<string, unknown> {
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {}
  const cause = error.cause instanceof Error && causes > 0 ? { cause: serializeError(error.cause, causes - 1) } : {}
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...code,
    ...cause,
  }
}

let shownMs = 0
let shown = ''

/** Lines come many in a millisecond, and its text is dear. */
function timestamp(): string {
  const now = Date.now()
  if (now !== shownMs) {
    shownMs = now
    shown = `,"time":"${new Date(now).toISOString()}"`
  }
  return shown
}

const cleanFields = (fields: Record<string, unknown>): Record<string, unknown> => cleanObject(fields, 1)

function cleanObject(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[name]
    clean[name] = value !== null && value !== undefined && isSecret(name) ? hidden : cleanValue(value, depth + 1)
  }
  return clean
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return serializeError(value)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if ('toJSON' in value) return value
  if (depth > maxDepth) return '[deep]'
  if (Array.isArray(value)) return value.map(item => cleanValue(item, depth + 1))
  return cleanObject(value, depth)
}

/** Names seen, since the same few come with every line; foreign ones (headers) are not kept without end. */
const judged = new Map<string, boolean>()
const MAX_JUDGED = 1_000

function isSecret(name: string): boolean {
  const known = judged.get(name)
  if (known !== undefined) return known
  const secret = secretNames.has(name.toLowerCase().replace(/[-_]/g, ''))
  if (judged.size < MAX_JUDGED) judged.set(name, secret)
  return secret
}
