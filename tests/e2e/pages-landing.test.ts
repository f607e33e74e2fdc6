import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { languages } from '#shared/utils/language'
import type { ApiClient } from '../helpers/api'
import { allLooks, graveFaults, looks, openBrowser, signIn, visit, type Look, type Visit } from '../helpers/browser'
import { noPictures, pngPixel } from '../helpers/pictures'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { startSmtp, type TestSmtp } from '../helpers/smtp'

const english = looks[1]!
const titles = { 'en': 'One pool of upstream accounts', 'zh-CN': '让 Claude Code 共用一个上游账号池' }

describeWith(['chromium'], 'the first page and whose it is', () => {
  let server: TestServer
  let smtp: TestSmtp
  let api: ApiClient
  let browser: Browser

  beforeAll(async () => {
    smtp = await startSmtp()
    const { host, port, from } = smtp.settings
    server = await startServer({ SMTP_HOST: host, SMTP_PORT: String(port), SMTP_FROM: from })
    api = await server.login()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await smtp?.close()
  })
  beforeEach(async () => {
    await api.ok('PATCH', '/api/admin/settings', { registration: { mode: 'off' }, statusPage: { shown: false }, operator: { name: null, logo: null, notice: null, aboutZh: null, aboutEn: null } })
    await api.call('DELETE', '/api/admin/settings/logo')
  })

  async function withVisit(look: Look, act: (visitor: Visit) => Promise<void>, scripts = true): Promise<void> {
    const visitor = await visit(browser, server, look, scripts)
    try {
      await act(visitor)
    }
    finally {
      await visitor.close()
    }
  }

  /** All that an operator can say, and words that no phone has the width for. */
  const furnish = async () => {
    const about = `# Rules\n\nSee [the wiki](https://wiki.example.com).\n\n| a | b |\n| --- | --- |\n| ${'long'.repeat(30)} | c |\n\n\`\`\`\n${'code '.repeat(60)}\n\`\`\`\n\n- [x] done`
    await api.ok('PATCH', '/api/admin/settings', { registration: { mode: 'open' }, statusPage: { shown: true }, operator: { name: 'Example Relay', notice: 'Ask the desk.', aboutZh: `# 规则\n\n${about}`, aboutEn: about } })
    await api.ok('PUT', '/api/admin/settings/logo', { data: pngPixel.toString('base64') })
  }

  it.each(allLooks)('is sound in $language, $scheme, $width px, bare and furnished', look => withVisit(look, async ({ page, problems, open, url }) => {
    for (const prepare of [() => Promise.resolve(), furnish]) {
      await prepare()
      await open('/')
      expect(await page.locator('h1').textContent()).toContain(titles[look.language])
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language)
      expect(await page.locator('html').getAttribute('theme-mode')).toBe(look.scheme)
      expect(await page.getByText(`curl -fsSL ${url}/setup.sh | sh`).isVisible()).toBe(true)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width)
      expect(await graveFaults(page)).toEqual([])
      expect(problems).toEqual([])
    }
    await page.locator('.system').last().click()
    expect(await page.getByText(`irm ${url}/setup.ps1 | iex`).isVisible()).toBe(true)
    expect(await page.getByText(`curl -fsSL ${url}/setup.sh | sh`).isVisible()).toBe(false)
    await page.locator('summary').filter({ visible: true }).last().click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width)
    expect(await graveFaults(page)).toEqual([])
  }))

  it.each(languages)('needs no scripts in %s: steps by system, words, links', language => withVisit({ ...english, language }, async ({ page, open, url }) => {
    await furnish()
    await open('/')
    expect(await page.locator('h1').textContent()).toContain(titles[language])
    const [unix, windows] = [page.getByText(`curl -fsSL ${url}/setup.sh | sh`), page.getByText(`irm ${url}/setup.ps1 | iex`)]
    expect([await unix.isVisible(), await windows.isVisible()]).toEqual([true, false])
    await page.locator('input[value="unix"]').focus()
    await page.keyboard.press('ArrowRight')
    expect([await unix.isVisible(), await windows.isVisible()]).toEqual([false, true])
    expect(await page.getByRole('link', { name: 'the wiki' }).getAttribute('rel')).toBe('noopener nofollow')
    const main = page.locator('main')
    for (const path of ['/help', '/stats/api-key', '/status', '/register', '/login']) expect(await main.locator(`a[href="${path}"]`).first().isVisible(), path).toBe(true)
  }, false))

  it('leads to nothing that is closed', () => withVisit(english, async ({ page, open }) => {
    await open('/')
    for (const path of ['/register', '/status']) expect(await page.locator(`a[href="${path}"]`).count(), path).toBe(0)
    expect(await page.locator('#about-title').count()).toBe(0)
  }))

  it('tells the operator\'s words in the other language when there are none in this one', () => withVisit(english, async ({ page, open }) => {
    await api.ok('PATCH', '/api/admin/settings', { operator: { aboutZh: '只有中文<b>。' } })
    await open('/')
    expect(await page.locator('.help-text').innerText()).toBe('只有中文<b>。')
    expect(await page.locator('.help-text').getAttribute('lang')).toBe('zh-CN')
  }))

  it('bears the operator\'s name, in titles too, and in the console', () => withVisit(english, async (visitor) => {
    const { page, open } = visitor
    await api.ok('PATCH', '/api/admin/settings', { operator: { name: 'Example Relay' } })
    await open('/')
    expect(await page.title()).toBe('Example Relay')
    await page.getByRole('link', { name: 'Help' }).first().click()
    await expect.poll(() => page.title()).toContain(' · Example Relay')
    await signIn(visitor, server)
    await open('/keys')
    expect(await page.title()).toBe('Keys · Example Relay')
    expect(await page.locator('a.brand').innerText()).toBe('Example Relay')
  }))

  it('shows the picture that is put up in the settings, until it is removed', () => withVisit(english, async (visitor) => {
    const { page, open, problems } = visitor
    await api.ok('PATCH', '/api/admin/settings', { operator: { name: 'Example Relay' } })
    await signIn(visitor, server)
    await open('/admin/settings')
    const input = page.getByLabel('Picture', { exact: true }).locator('input[type=file]')
    await input.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: noPictures['an SVG'] })
    await page.getByText('Must be a PNG, JPEG or WebP picture').waitFor()
    await input.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: pngPixel })
    await page.getByRole('img', { name: 'The chosen picture' }).waitFor()
    await input.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: pngPixel.subarray(0, 20) })
    await page.getByText('Must be a PNG, JPEG or WebP picture').waitFor()
    await input.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.concat([pngPixel, Buffer.alloc(64 * 1024)]) })
    await page.getByText('May have at most 64 KiB').waitFor()
    expect(await input.getAttribute('aria-invalid')).toBe('true')
    await page.getByLabel('Name').fill('Not saved yet')
    await input.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: pngPixel })
    await page.getByRole('img', { name: 'The chosen picture' }).waitFor()
    expect(await graveFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Put up this picture' }).click()
    const marks = page.locator('a.brand').getByRole('img', { name: 'Example Relay' })
    await marks.waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('Not saved yet')
    expect(await graveFaults(page)).toEqual([])
    await open('/')
    const mark = page.locator('header').getByRole('img', { name: 'Example Relay' })
    expect(await mark.evaluate(img => (img as unknown as { naturalWidth: number }).naturalWidth)).toBe(1)
    await open('/admin/settings')
    await page.getByRole('button', { name: 'Remove picture' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove picture' }).click()
    await marks.waitFor({ state: 'detached' })
    await open('/')
    expect(await mark.count()).toBe(0)
    expect(problems).toEqual([])
  }))

  describe('a key that was just made', () => {
    it('stands in the snippets of the help, in this tab only, until it is forgotten', () => withVisit(english, async (visitor) => {
      const { page, context, open, problems } = visitor
      const asked: string[] = []
      context.on('request', request => asked.push(`${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`))
      await signIn(visitor, server)
      await open('/keys')
      await page.getByRole('button', { name: 'Create key', exact: true }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill('just made')
      await dialog.getByRole('button', { name: 'Create key' }).click()
      const key = (await dialog.getByRole('group', { name: 'The key' }).textContent())?.trim() ?? ''
      expect(key).toMatch(/^sk-/)
      asked.length = 0
      await dialog.getByRole('link', { name: /^Set up now/ }).click()
      await page.getByText(`export ANTHROPIC_AUTH_TOKEN='${key}'`).first().waitFor()
      expect(await page.locator('article pre').filter({ hasText: 'sk-your-key' }).count()).toBe(0)
      await page.getByText(`${key.slice(0, 6)}…${key.slice(-4)}`).waitFor()
      expect(await graveFaults(page)).toEqual([])

      await page.getByRole('link', { name: 'Linux' }).first().click()
      await page.locator('article pre').filter({ hasText: key }).first().waitFor()
      expect(page.url()).not.toContain(key)
      expect(asked.filter(line => line.includes(key))).toEqual([])
      expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])')).not.toContain(key)
      expect(JSON.stringify(await context.cookies())).not.toContain(key)
      const second = await context.newPage()
      expect(await (await second.goto('/help/setup'))!.text()).not.toContain(key)
      expect(await second.content()).not.toContain(key)

      await page.getByRole('button', { name: 'Forget it' }).click()
      await page.locator('article pre').filter({ hasText: 'sk-your-key' }).first().waitFor()
      expect(await page.content()).not.toContain(key)
      expect(problems).toEqual([])
    }))

    it('is gone with the person who signs out, and with a reload', () => withVisit(english, async (visitor) => {
      const { page, open } = visitor
      await open('/help/setup')
      await page.getByLabel('Your key').fill('sk-a-key-of-somebody-else')
      await page.getByText('sk-a-k…else').waitFor()
      await open('/help/setup')
      expect(await page.getByLabel('Your key').inputValue()).toBe('')
      await signIn(visitor, server)
      await open('/keys')
      await page.getByRole('link', { name: 'Help', exact: true }).click()
      await page.getByRole('link', { name: 'Set up', exact: true }).first().click()
      await page.getByRole('heading', { name: 'Set up', exact: true, level: 1 }).waitFor()
      await page.getByLabel('Your key').fill('sk-a-key-of-somebody-else')
      await page.locator('header').getByRole('link', { name: 'Console' }).click()
      await page.getByRole('button', { name: 'User menu: admin' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${visitor.url}/login`)
      await page.getByRole('link', { name: 'Help' }).first().click()
      await page.getByRole('link', { name: 'Set up', exact: true }).first().click()
      await page.getByRole('heading', { name: 'Set up', exact: true, level: 1 }).waitFor()
      expect(await page.getByLabel('Your key').inputValue()).toBe('')
    }))
  })
})
