import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MeView } from '#shared/types/api'
import { createApiClient, type ApiClient } from '../helpers/api'
import { graveFaults, looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { bringsCode, codeIn } from '../helpers/mail'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { startSmtp, type TestSmtp } from '../helpers/smtp'
import { poll } from '../helpers/until'

const password = 'a password of their own'
const phone = looks[2]!

// One story, in order: from a relay that nobody can register at to one with people.
describeWith(['chromium'], 'people in the console', () => {
  let server: TestServer
  let smtp: TestSmtp
  let browser: Browser
  let admin: Visit
  let page: Page
  let api: ApiClient

  beforeAll(async () => {
    smtp = await startSmtp()
    server = await startServer({ SMTP_HOST: smtp.settings.host, SMTP_PORT: String(smtp.settings.port), SMTP_FROM: smtp.settings.from })
    browser = await openBrowser()
    api = await server.login()
    admin = await visit(browser, server, phone)
    page = admin.page
    await signIn(admin, server)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await smtp?.close()
  })

  const button = (name: string, on = page) => on.getByRole('button', { name, exact: true })
  const dialog = (on = page) => on.getByRole('dialog')
  const row = (text: string) => page.locator('tbody tr').filter({ hasText: text })
  const mailed = async (address: string, count = 1) => codeIn(await poll(() => {
    const mails = smtp.mails.filter(mail => mail.to.includes(address) && bringsCode(mail))
    return mails.length >= count ? mails.at(-1) : undefined
  }, `a code to ${address}`))

  async function stranger<T>(look: typeof looks[number], act: (visitor: Visit) => Promise<T>): Promise<T> {
    const visitor = await visit(browser, server, look)
    const result = await act(visitor)
    await visitor.close()
    return result
  }

  describe('registering', () => {
    let link = ''

    it('is closed at first, and the page says so', () => stranger(phone, async (visitor) => {
      await visitor.open('/login')
      expect(await visitor.page.getByRole('link', { name: 'Register' }).count()).toBe(0)
      await visitor.open('/register')
      await visitor.page.getByText('Nobody can register here right now').waitFor()
      expect(visitor.problems).toEqual([])
    }))

    it('is not promised by an invitation while it is off', async () => {
      await admin.open('/admin/invites')
      await page.getByText('No invitations').waitFor()
      await button('Make an invitation').first().click()
      await dialog().getByText('Registration is off').waitFor()
      expect(await dialog().getByRole('link', { name: 'Settings' }).getAttribute('href')).toBe('/admin/settings')
      expect(await graveFaults(page)).toEqual([])
      await dialog().getByRole('button', { name: 'Make an invitation' }).click()
      await dialog().getByText('the link does not work until').waitFor()
      expect(await dialog().getByText('whoever has it can register').count()).toBe(0)
      await dialog().getByRole('button', { name: 'I have stored it' }).click()
      await row('Anybody').waitFor()
    })

    it('is opened for invitations in the settings, which show their name everywhere', async () => {
      await admin.open('/admin/settings')
      await page.getByLabel('Who may register').selectOption('invite')
      await page.getByLabel('Name', { exact: true }).fill('Example Relay')
      await page.getByLabel('Logo').fill('too long')
      await button('Save').click()
      await page.getByText('May have at most 4 characters').waitFor()
      await page.getByLabel('Logo').fill('EX')
      await page.getByLabel('Notice').fill('Ask Ann for help.')
      await button('Save').click()
      await page.getByText('The settings are saved').first().waitFor()
      expect(await graveFaults(page)).toEqual([])
      await stranger(phone, async (visitor) => {
        await visitor.open('/login')
        await visitor.page.getByText('Ask Ann for help.').waitFor()
        await visitor.page.getByText('Example Relay').first().waitFor()
        await visitor.page.getByRole('link', { name: 'Register' }).waitFor()
      })
    })

    it('takes an invitation, whose link is shown once', async () => {
      await admin.open('/admin/invites')
      await button('Make an invitation').first().click()
      await dialog().getByLabel('Only for this address').fill('ann@example.com')
      await dialog().getByRole('button', { name: 'Make an invitation' }).click()
      link = (await dialog().getByRole('group', { name: 'Link' }).textContent())!.trim()
      expect(link).toMatch(/\/register\?code=[\w-]{32}$/)
      expect(await graveFaults(page)).toEqual([])
      await dialog().getByRole('button', { name: 'I have stored it' }).click()
      await row('ann@example.com').getByText('0 of 1').waitFor()
      expect(await page.content()).not.toContain(link.slice(-32))
    })

    it('leads with it from the link to the dashboard; the code stays in no address and no HTML', () => stranger(phone, async (visitor) => {
      const { pathname, search } = new URL(link)
      expect(await (await fetch(server.url + pathname + search)).text()).not.toContain(link.slice(-32))
      await visitor.open(pathname + search)
      await visitor.page.getByText('You are invited').waitFor()
      expect(visitor.page.url()).toBe(`${visitor.url}/register`)
      expect(await visitor.page.getByLabel('E-mail address').inputValue()).toBe('ann@example.com')
      expect(await graveFaults(visitor.page)).toEqual([])
      await visitor.page.getByLabel('User name').fill('ann@home')
      await visitor.page.getByLabel('Password', { exact: true }).fill(password)
      await button('Register', visitor.page).click()
      await visitor.page.getByText('May hold letters, digits').waitFor()
      await visitor.page.getByLabel('User name').fill('ann')
      await button('Register', visitor.page).click()
      await visitor.page.waitForURL(`${visitor.url}/dashboard`)
      expect(visitor.problems).toEqual([])
    }))

    it('says so when the link was used', () => stranger(phone, async (visitor) => {
      const { pathname, search } = new URL(link)
      await visitor.open(pathname + search)
      await visitor.page.getByText('This invitation has been used').waitFor()
      expect(await visitor.page.getByLabel('User name').count()).toBe(0)
    }))

    it('is open to who proves an address, once it is opened', () => stranger(looks[1]!, async (visitor) => {
      await api.ok('PATCH', '/api/admin/settings', { registration: { mode: 'open' } })
      await visitor.open('/register')
      await visitor.page.getByLabel('E-mail address').fill('ben@example.com')
      await button('Send a code', visitor.page).click()
      await visitor.page.getByLabel('Code').fill('12345678')
      await visitor.page.getByLabel('User name').fill('ben')
      await visitor.page.getByLabel('Password', { exact: true }).fill(password)
      await button('Register', visitor.page).click()
      await visitor.page.getByText('Is wrong or has run out').waitFor()
      await visitor.page.getByLabel('Code').fill(await mailed('ben@example.com'))
      await button('Register', visitor.page).click()
      await visitor.page.waitForURL(`${visitor.url}/dashboard`)
    }))
  })

  describe('getting in without the password', () => {
    it('works by a code, and goes on to where it was going', () => stranger(phone, async (visitor) => {
      await visitor.open('/keys')
      await visitor.page.getByRole('link', { name: 'Sign in with a code by mail' }).click()
      await visitor.page.getByLabel('E-mail address').fill('ann@example.com')
      await button('Send a code', visitor.page).click()
      await visitor.page.getByText('a code is on its way').waitFor()
      expect(await graveFaults(visitor.page)).toEqual([])
      const code = await mailed('ann@example.com')
      await visitor.page.getByLabel('Code').fill(`${code.slice(0, 4)} ${code.slice(4)}`)
      await button('Sign in', visitor.page).click()
      await visitor.page.waitForURL(`${visitor.url}/keys`)
      expect(visitor.problems).toEqual([])
    }))

    it('works by setting a new one with a code', () => stranger(phone, async (visitor) => {
      await visitor.open('/login')
      await visitor.page.getByRole('link', { name: 'Forgot the password?' }).click()
      await visitor.page.getByLabel('E-mail address').fill('ann@example.com')
      await button('Send a code', visitor.page).click()
      await visitor.page.getByLabel('New password').fill('another one entirely')
      await visitor.page.getByLabel('Code').fill(await mailed('ann@example.com', 2))
      await button('Set the new password', visitor.page).click()
      await visitor.page.getByText('Your password is set').waitFor()
      expect(visitor.problems).toEqual([])
      await createApiClient(server.url).login('ann', 'another one entirely')
    }))
  })

  describe('the profile', () => {
    it('changes name, language, password and address, and ends other sessions', () => stranger(phone, async (visitor) => {
      const elsewhere = createApiClient(server.url)
      await elsewhere.login('ann', 'another one entirely')
      await visitor.open('/login')
      await visitor.page.getByLabel('User name or e-mail').fill('ann')
      await visitor.page.getByLabel('Password', { exact: true }).fill('another one entirely')
      await button('Sign in', visitor.page).click()
      await visitor.page.waitForURL(`${visitor.url}/dashboard`)
      await visitor.open('/profile')
      await visitor.page.getByRole('button', { name: 'Sign out: Unknown device' }).first().waitFor()
      const form = (title: string) => visitor.page.getByRole('region', { name: title })
      await form('Name and language').getByLabel('User name').fill('Anna')
      await form('Name and language').getByRole('button', { name: 'Save' }).click()
      await visitor.page.getByText('Your profile is saved').first().waitFor()

      await form('E-mail address').getByLabel('New address').fill('anna@example.org')
      await form('E-mail address').getByLabel('Current password').fill('another one entirely')
      await form('E-mail address').getByRole('button', { name: 'Send a code' }).click()
      await form('E-mail address').getByLabel('Code').fill(await mailed('anna@example.org'))
      await form('E-mail address').getByRole('button', { name: 'Make it my address' }).click()
      await visitor.page.getByText('It is anna@example.org.').waitFor()

      await form('Change password').getByLabel('Current password').fill('another one entirely')
      await form('Change password').getByLabel('New password').fill(password)
      await form('Change password').getByRole('button', { name: 'Save new password' }).click()
      await visitor.page.getByText('Your password is changed').first().waitFor()
      expect((await elsewhere.call('GET', '/api/auth/me')).status).toBe(401)
      await visitor.page.getByText('this one').waitFor()
      expect(await visitor.page.locator('tbody tr').count()).toBe(1)
      expect(await graveFaults(visitor.page)).toEqual([])
      expect(visitor.problems).toEqual([])

      await visitor.page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await visitor.page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click()
      await visitor.page.waitForURL(`${visitor.url}/login`)
    }))
  })

  describe('the users', () => {
    it('are made with a start password that is shown once', async () => {
      await admin.open('/admin/users')
      await row('Anna').waitFor()
      await button('Add user').first().click()
      await dialog().getByLabel('User name').fill('eve')
      await dialog().getByRole('button', { name: 'Add user' }).click()
      const start = (await dialog().getByRole('group', { name: 'Start password' }).textContent())!.trim()
      expect(start).toHaveLength(20)
      expect(await graveFaults(page)).toEqual([])
      await dialog().getByRole('button', { name: 'I have stored it' }).click()
      await row('eve').getByText('start password').waitFor()
      const eve = createApiClient(server.url)
      await eve.login('eve', start)
      expect((await eve.ok<MeView>('GET', '/api/auth/me')).user.mustChangePassword).toBe(true)
    })

    it('are found, disabled, and get a new start password', async () => {
      await page.getByLabel('Search').fill('ben@')
      await page.waitForURL(/q=ben/)
      await row('Anna').waitFor({ state: 'detached' })
      await row('ben').getByRole('switch').click()
      await page.getByText('Disabled ben').first().waitFor()
      expect((await createApiClient(server.url).call('POST', '/api/auth/login', { username: 'ben', password })).status).toBe(403)
      await row('ben').getByRole('button', { name: 'Reset password: ben' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Reset password' }).click()
      await dialog().getByRole('group', { name: 'Start password' }).waitFor()
      await dialog().getByRole('button', { name: 'I have stored it' }).click()
    })

    it('are deleted after a word on what goes to whom', async () => {
      const anna = createApiClient(server.url)
      await anna.login('anna', password)
      await anna.ok('POST', '/api/groups', { name: 'of anna' })
      await admin.open('/admin/users?q=anna')
      await row('Anna').getByRole('button', { name: 'Delete: Anna' }).click()
      await dialog().getByText('Of theirs, groups: 1, accounts: 0, keys: 0.').waitFor()
      expect(await graveFaults(page)).toEqual([])
      await dialog().getByRole('button', { name: 'Delete user' }).click()
      await page.getByText('Deleted Anna').first().waitFor()
      expect((await api.ok<{ items: { ownerName: string }[] }>('GET', '/api/groups')).items).toMatchObject([{ ownerName: 'admin' }])
      expect((await anna.call('GET', '/api/auth/me')).status).toBe(401)
    })

    it('keep their last administrator', async () => {
      await admin.open('/admin/users?role=admin')
      admin.problems.length = 0
      await row('admin').getByRole('switch').click()
      await page.getByText('The last enabled administrator stays').first().waitFor()
      expect(await row('admin').getByRole('switch').getAttribute('aria-checked')).toBe('true')
    })
  })
})
