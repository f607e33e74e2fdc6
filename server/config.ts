import { resolve } from 'node:path'
import { z } from 'zod'
import type { SmtpSettings } from './lib/mailer'
import type { OAuthEndpoints } from './platforms/_shared/oauth'

const port = z.coerce.number().int().min(0).max(65_535)
const count = (fallback: number, min = 0) => z.coerce.number().int().min(min).default(fallback)
const list = z.string().default('').transform(text => text.split(',').map(part => part.trim()).filter(Boolean))
const optional = z.string().min(1).optional()
const httpUrl = z.url({ protocol: /^https?$/ })
const CLAUDE_AUTH = 'https://console.anthropic.com'

/** Every variable of the environment that the server reads. Documented one by one in .env.example. */
export const environment = z.object({
  PORT: port.default(10_081),
  HOST: optional,
  PUBLIC_URL: httpUrl.optional(),
  CORS_ORIGINS: list,
  TRUSTED_PROXIES: list,
  TZ: optional.refine(zone => zone === undefined || isTimeZone(zone), 'is not a time zone name such as Asia/Shanghai'),
  RELAY_DATA_DIR: z.string().min(1).default('./data'),
  RELAY_SECRET_KEY: z.string().min(32, 'needs 32 characters or more').optional(),
  RELAY_SECRET_KEY_PREVIOUS: optional,
  SESSION_SECRET: z.string().min(32, 'needs 32 characters or more').optional(),
  JWT_SECRET: optional,
  SALT: optional,
  DEFAULT_ADMIN_USERNAME: z.string().min(1).max(64).default('admin'),
  DEFAULT_ADMIN_PASSWORD: z.string().min(8, 'needs 8 characters or more').optional(),
  DEFAULT_ADMIN_EMAIL: z.email().optional(),
  MYSQL_HOST: optional,
  MYSQL_PORT: port.default(3306),
  MYSQL_USER: z.string().default('root'),
  MYSQL_PASSWORD: z.string().default(''),
  MYSQL_DATABASE: z.string().min(1).default('claude_code_relay'),
  DATABASE_URL: z.string().regex(/^(mysql|mariadb):\/\//, 'must begin with mysql://').optional(),
  REDIS_HOST: optional,
  REDIS_PORT: port.default(6379),
  REDIS_PASSWORD: optional,
  REDIS_DB: count(0),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_RETENTION_MONTHS: z.coerce.number().int().min(1).max(120).optional(),
  SMTP_HOST: optional,
  SMTP_PORT: port.default(587),
  SMTP_USER: optional,
  SMTP_PASSWORD: optional,
  SMTP_FROM: optional.refine(from => from === undefined || /^[^\r\n]*@[^\r\n]*$/.test(from), 'is not an e-mail address'),
  CLAUDE_API_BASE_URL: httpUrl.default('https://api.anthropic.com'),
  CLAUDE_AUTH_BASE_URL: httpUrl.default(CLAUDE_AUTH),
  CLAUDE_AUTHORIZE_URL: httpUrl.optional(),
  CLAUDE_OAUTH_CLIENT_ID: z.string().min(1).default('9d1c250a-e61b-44d9-88ed-5944d1962f5e'),
  METRICS_TOKEN: optional,
  DEMO: z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' }).default(false),
  CONNECT_TIMEOUT_MS: count(10_000, 1),
  FIRST_BYTE_TIMEOUT_MS: count(300_000, 1),
  IDLE_TIMEOUT_MS: count(300_000, 1),
  PING_INTERVAL_MS: count(15_000, 1),
  EARLY_COMMIT_MS: count(90_000),
  QUEUE_TIMEOUT_MS: count(10_000),
  STICKY_WAIT_MS: count(5_000),
  MAX_ATTEMPTS: count(4, 1),
  ATTEMPT_WINDOW_MS: count(60_000, 1),
  SHUTDOWN_DELAY_MS: count(0),
  SHUTDOWN_TIMEOUT_MS: count(600_000),
  JOURNAL_ALERT_BYTES: count(4 * 1024 * 1024, 1024),
  MAX_BODY_BYTES: count(32 * 1024 * 1024, 1024),
  MAX_BUFFERED_BYTES: count(512 * 1024 * 1024, 1024),
})

export type Config = z.output<typeof environment> & {
  /** Absolute. */
  dataDir: string
  /** `mysql://…`, or null for SQLite. */
  mysqlUrl: string | null
  redisUrl: string | null
  timeZone: string
  /** Where official Claude accounts sign in. */
  claudeOAuth: OAuthEndpoints
  /** Null: no mail is sent. */
  smtp: SmtpSettings | null
}

/** Says all that is wrong with the environment at once, a line each; carries no values. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** Parses the environment. Empty variables count as absent. Throws {@link ConfigError}. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(issue => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`The configuration is wrong:\n${lines.join('\n')}`)
  }
  const c = parsed.data
  if (c.DEMO) refuseInDemo(c)
  const smtp = smtpOf(c)
  return {
    ...c,
    dataDir: resolve(c.RELAY_DATA_DIR),
    mysqlUrl: c.DATABASE_URL ?? (c.MYSQL_HOST ? urlOf('mysql', c.MYSQL_USER, c.MYSQL_PASSWORD, c.MYSQL_HOST, c.MYSQL_PORT, c.MYSQL_DATABASE) : null),
    redisUrl: c.REDIS_URL ?? (c.REDIS_HOST ? urlOf('redis', '', c.REDIS_PASSWORD ?? '', c.REDIS_HOST, c.REDIS_PORT, String(c.REDIS_DB)) : null),
    timeZone: c.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    claudeOAuth: claudeEndpoints(c),
    smtp,
  }
}

/** A demo shows its password to everyone, so it may stand on nothing that lasts or is shared, nor write to people. */
function refuseInDemo(c: z.output<typeof environment>): void {
  const given = (['MYSQL_HOST', 'DATABASE_URL', 'REDIS_HOST', 'REDIS_URL', 'SMTP_HOST'] as const).filter(name => c[name] !== undefined)
  const lines = given.map(name => `  ${name}: is not used together with DEMO, which works on made-up data of its own`)
  if (c.DEFAULT_ADMIN_PASSWORD === undefined) lines.push('  DEFAULT_ADMIN_PASSWORD: is needed with DEMO, which shows it on the sign-in page')
  if (lines.length > 0) throw new ConfigError(`The configuration is wrong:\n${lines.join('\n')}`)
}

/** The official page to allow access is on a host of its own; another server has it beside its token endpoint. */
function claudeEndpoints(c: z.output<typeof environment>): OAuthEndpoints {
  const base = c.CLAUDE_AUTH_BASE_URL.replace(/\/+$/, '')
  return {
    authorizeUrl: c.CLAUDE_AUTHORIZE_URL ?? (base === CLAUDE_AUTH ? 'https://claude.ai/oauth/authorize' : `${base}/oauth/authorize`),
    tokenUrl: `${base}/v1/oauth/token`,
    redirectUri: `${base}/oauth/code/callback`,
    clientId: c.CLAUDE_OAUTH_CLIENT_ID,
  }
}

/** The sender is SMTP_FROM, else a user name that is an address. */
function smtpOf(c: z.output<typeof environment>): SmtpSettings | null {
  if (!c.SMTP_HOST) return null
  const from = c.SMTP_FROM ?? (c.SMTP_USER?.includes('@') ? c.SMTP_USER : undefined)
  if (from === undefined) throw new ConfigError('The configuration is wrong:\n  SMTP_FROM: is needed with SMTP_HOST, for SMTP_USER is no address')
  return { host: c.SMTP_HOST, port: c.SMTP_PORT, user: c.SMTP_USER ?? null, password: c.SMTP_PASSWORD ?? null, from }
}

function urlOf(scheme: string, user: string, password: string, host: string, port: number, path: string): string {
  const login = user || password ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : ''
  return `${scheme}://${login}${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(path)}`
}

function isTimeZone(zone: string): boolean {
  try {
    return Boolean(Intl.DateTimeFormat('en', { timeZone: zone }))
  }
  catch {
    return false
  }
}
