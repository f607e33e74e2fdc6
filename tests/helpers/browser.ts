import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { service } from './services'
import type { TestServer } from './server'

/** A name for 127.0.0.1 that is, unlike localhost, no secure context: what people on a plain http network see. */
const PLAIN_HOST = 'relay.test'

export interface Look { language: 'zh-CN' | 'en', scheme: 'light' | 'dark', width: 1440 | 375 }

/** Each language with each scheme, each width with both. */
export const looks: Look[] = [
  { language: 'zh-CN', scheme: 'light', width: 1440 },
  { language: 'en', scheme: 'dark', width: 1440 },
  { language: 'en', scheme: 'light', width: 375 },
  { language: 'zh-CN', scheme: 'dark', width: 375 },
]

/** Every combination of them. */
export const allLooks: Look[] = (['zh-CN', 'en'] as const).flatMap(language => (['light', 'dark'] as const).flatMap(scheme => ([1440, 375] as const).map(width => ({ language, scheme, width }))))

/** A page and whatever its console complained about. */
export interface Visit {
  page: Page
  context: BrowserContext
  url: string
  problems: string[]
  /** Goes to a path and waits until scripts have taken over. */
  open(path: string): Promise<void>
  close(): Promise<void>
}

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: service('chromium'),
    args: [
      '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
    ],
  })
}

/** A fresh visitor, over plain http, in a zone that is not the server's. */
export async function visit(browser: Browser, server: TestServer, { language, scheme, width }: Look, scripts = true): Promise<Visit> {
  const url = `http://${PLAIN_HOST}:${server.port}`
  const context = await browser.newContext({
    baseURL: url,
    locale: language,
    colorScheme: scheme,
    viewport: { width, height: width === 375 ? 812 : 900 },
    timezoneId: 'America/New_York',
    javaScriptEnabled: scripts,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', error => problems.push(String(error)))
  return {
    page, context, url, problems,
    async open(path) {
      await page.goto(path)
      if (scripts) await page.waitForFunction(() => (window as { useNuxtApp?: () => { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false)
    },
    close: () => context.close(),
  }
}

/** Signs a visitor in by the API; the cookie is the browser's from then on. Resolves to it, as a header's value. */
export async function signIn({ context, url }: Visit, { url: address, admin: { username, password } }: TestServer): Promise<string> {
  const answer = await fetch(`${address}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password }) })
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`)
  const pairs = answer.headers.getSetCookie().map(cookie => cookie.split(';')[0] ?? '')
  await context.addCookies(pairs.map(pair => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url })))
  return pairs.join('; ')
}

/** No transition runs, and no wave of a button that was pressed: what is between two colours is neither of them. */
const isAtRest = (): boolean => document.querySelector('[style*="skewX("]') === null
  && document.getAnimations().every(each => each.playState !== 'running' || each.effect?.getComputedTiming().iterations === Infinity)

/** What axe finds serious or critical on a page at rest: rule and elements. Without frames, so that no second page is needed. */
export async function graveFaults(page: Page): Promise<string[]> {
  await page.waitForFunction(isAtRest)
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
}
