import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { startServer, type TestServer } from '../helpers/server'
import { makeUp } from './made-up'

export interface Picture {
  /** File name without theme and ending. */
  name: string
  path: string
  /** Of the window, pixels. */
  width: number
  height: number
  language: 'en' | 'zh-CN'
}

const schemes = ['light', 'dark'] as const

async function take(browser: Browser, server: TestServer, folder: string, { name, path, width, height, language }: Picture): Promise<void> {
  const { admin, url } = server
  for (const scheme of schemes) {
    const context = await browser.newContext({ baseURL: url, locale: language, colorScheme: scheme, viewport: { width, height }, timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' })
    await context.request.post('/api/auth/login', { data: { username: admin.username, password: admin.password }, headers: { origin: url } })
    const page = await context.newPage()
    const answer = await page.goto(path, { waitUntil: 'load' })
    if (!answer?.ok()) throw new Error(`${path} answered ${answer?.status()}`)
    await page.waitForFunction(() => (window as { useNuxtApp?: () => { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false)
    // The live feed keeps the network busy for good.
    await page.waitForFunction(() => document.querySelectorAll('[aria-busy=true]').length === 0)
    await page.waitForFunction(() => [...document.querySelectorAll('.canvas')].every(canvas => canvas.querySelector('svg path')))
    await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), animations: 'disabled' })
    await context.close()
  }
}

/** Starts the built server over made-up data and takes each picture, light and dark. Returns how many there are. */
export async function takeAll(pictures: readonly Picture[], folder: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  const server = await startServer()
  try {
    await makeUp(server)
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
    for (const picture of pictures) await take(browser, server, folder, picture)
    await browser.close()
    return pictures.length * schemes.length
  }
  finally {
    await server.remove()
  }
}
