import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { LogView } from '#shared/types/api'
import { startDemo, type Demo } from './run'

export interface Picture {
  /** File name without ending. */
  name: string
  path: string
  /** Of the window, pixels. */
  width: number
  height: number
  language: 'en' | 'zh-CN'
  scheme: 'light' | 'dark'
  /** Opens the details of a request that went to a second account. */
  detail?: boolean
}

export interface TakeOptions {
  root: string
  folder: string
  /** Of node, for the server. */
  execArgv: string[]
}

const zone = 'Asia/Shanghai'
/** Streams that run while the pictures are taken; nothing else moves, so that the numbers stay. */
const held = 7

async function untilDrawn(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as { useNuxtApp?: () => { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false)
  // The live feed keeps the network busy for good.
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy=true]').length === 0)
  // Charts grow into their shape: drawn is what has been the same for a while.
  await page.waitForFunction(() => {
    const canvases = [...document.querySelectorAll<HTMLElement>('.canvas')]
    if (!canvases.every(canvas => canvas.querySelector('svg path'))) return false
    const drawn = canvases.map(canvas => canvas.innerHTML).join()
    const { dataset } = document.documentElement
    const same = dataset.drawn === String(drawn.length) ? Number(dataset.same ?? 0) + 1 : 0
    Object.assign(dataset, { drawn: String(drawn.length), same: String(same) })
    return same >= 8
  }, undefined, { polling: 100 })
}

/** The path of a list with the newest request that one account failed and another answered. */
async function pathOfFailover(page: Page): Promise<string> {
  const { items } = await (await page.request.get('/api/logs?limit=200')).json() as { items: LogView[] }
  const row = items.find(({ outcome, attempts }) => outcome === 'ok' && attempts.some(({ verdict }) => verdict === 'transient'))
  if (!row) throw new Error('no request of the demo went to a second account')
  return `/logs?requestId=${row.requestId}`
}

async function take(browser: Browser, demo: Demo, folder: string, { name, path, width, height, language, scheme, detail = false }: Picture): Promise<string> {
  const context = await browser.newContext({ baseURL: demo.url, locale: language, colorScheme: scheme, viewport: { width, height }, timezoneId: zone, reducedMotion: 'reduce' })
  await context.clock.install({ time: Date.now() })
  if (path !== '/' && path !== '/login') await context.request.post('/api/auth/login', { data: demo.login, headers: { origin: demo.url } })
  const page = await context.newPage()
  const answer = await page.goto(detail ? await pathOfFailover(page) : path, { waitUntil: 'load' })
  if (!answer?.ok()) throw new Error(`${path} answered ${answer?.status()}`)
  await untilDrawn(page)
  if (detail) {
    await page.locator('tbody tr').first().getByRole('button').first().click()
    await page.getByRole('dialog').waitFor()
    await untilDrawn(page)
  }
  const file = join(folder, `${name}.png`)
  await page.screenshot({ path: file, animations: 'disabled' })
  await context.close()
  return file
}

/** Starts the built server over the demo's data and takes each picture. Gives the files and their sizes in bytes. */
export async function takeAll(pictures: readonly Picture[], { root, folder, execArgv }: TakeOptions): Promise<{ file: string, bytes: number }[]> {
  await mkdir(folder, { recursive: true })
  const demo = await startDemo({ root, host: '127.0.0.1', port: 0, perSecond: 0, held, timeZone: zone, execArgv })
  try {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
    const files: string[] = []
    for (const picture of pictures) files.push(await take(browser, demo, folder, picture))
    await browser.close()
    return await Promise.all(files.map(async file => ({ file, bytes: (await stat(file)).size })))
  }
  finally {
    await demo.stop()
  }
}
