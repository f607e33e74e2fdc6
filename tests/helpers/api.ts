import type { AccountView, KeyWithSecret, ListOf, LogView } from '#shared/types/api'
import { poll } from './until'

export interface ApiAnswer<T = unknown> {
  status: number
  headers: Headers
  body: T
}

/** Speaks the JSON API as one signed-in user; keeps the session cookie. */
export interface ApiClient {
  /** Any call; resolves whatever the status. */
  call<T = unknown>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer<T>>
  /** A call that must succeed; throws with the answer when it does not. */
  ok<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** The session cookie, for what is not asked by `call`. */
  cookie(): string
  login(username: string, password: string): Promise<void>
  addAccount(given: { baseUrl: string } & Record<string, unknown>): Promise<AccountView>
  addKey(given?: Record<string, unknown>): Promise<KeyWithSecret>
  /** All rows that match, newest first, through all pages. */
  listLogs(filters?: Record<string, string>): Promise<LogView[]>
  /** The one row of a request; waits for it to be booked. */
  waitForLog(requestId: string): Promise<LogView>
  /** Waits until that many rows match, and returns them. Throws at once when there are more. */
  waitForLogs(count: number, filters?: Record<string, string>, ms?: number): Promise<LogView[]>
}

function storeCookies(jar: Map<string, string>, headers: Headers): void {
  for (const cookie of headers.getSetCookie()) {
    const [pair = ''] = cookie.split(';')
    const at = pair.indexOf('=')
    jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text)
  }
  catch {
    return text
  }
}

/** A client that is not signed in yet. */
export function createApiClient(url: string): ApiClient {
  const jar = new Map<string, string>()
  let made = 0

  const cookieNow = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

  const call: ApiClient['call'] = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const cookie = cookieNow()
    const response = await fetch(url + path, {
      method,
      headers: { ...cookie ? { cookie } : {}, ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    storeCookies(jar, response.headers)
    return { status: response.status, headers: response.headers, body: parsed(await response.text()) as T }
  }

  const ok: ApiClient['ok'] = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await call<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async function listLogs(filters: Record<string, string> = {}): Promise<LogView[]> {
    const rows: LogView[] = []
    let cursor: string | null = null
    do {
      const query = new URLSearchParams({ limit: '200', ...filters, ...cursor ? { cursor } : {} })
      const page: ListOf<LogView> = await ok<ListOf<LogView>>('GET', `/api/logs?${query}`)
      rows.push(...page.items)
      cursor = page.nextCursor
    } while (cursor)
    return rows
  }

  const waitForLogs: ApiClient['waitForLogs'] = async (count, filters, ms) => await poll(async () => {
    const rows = await listLogs(filters)
    if (rows.length > count) throw new Error(`${rows.length} rows instead of ${count}`)
    return rows.length === count ? rows : undefined
  }, `${count} log rows with ${JSON.stringify(filters ?? {})}`, ms)

  return {
    call, ok, listLogs, waitForLogs,
    cookie: cookieNow,
    login: async (username, password) => void await ok('POST', '/api/auth/login', { username, password }),
    addAccount: async given => await ok<AccountView>('POST', '/api/accounts', {
      name: `account-${++made}`, platform: 'claude_console', credentials: { apiKey: `upstream-secret-${made}` }, ...given,
    }),
    addKey: async (given = {}) => await ok<KeyWithSecret>('POST', '/api/keys', { name: `key-${++made}`, ...given }),
    async waitForLog(requestId) {
      const [row] = await waitForLogs(1, { requestId })
      if (!row) throw new Error(`no row for ${requestId}`)
      return row
    },
  }
}
