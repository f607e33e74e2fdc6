import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CODE_MS } from '#server/users/codes'
import type { Actor } from '#server/users/actor'
import { openPeople, origin, password, type People } from '../../helpers/people'

let people: People
let user: Actor
let email: string
let made = 0

beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())
beforeEach(async () => {
  user = await people.addPerson(`ann${++made}`)
  email = `ann${made}@example.com`
  people.time.now += 3_600_000
})

const request = (purpose: 'sign_in' | 'reset_password' = 'sign_in', to = email, ip: string | null = origin.ip) => people.services.requestCode({ purpose, email: to }, ip, 'en')
const signIn = (codeId: string, code: string) => people.services.users.signInByCode({ codeId, code }, origin)
const codeWrong = { code: 'validation', options: { details: [{ path: 'code', key: 'errors.codeWrong' }] } }
const other = (code: string) => String((Number(code) + 1) % 100_000_000).padStart(8, '0')

describe('a code', () => {
  test('signs in once, whatever the case of the address', async () => {
    const { codeId } = await request('sign_in', email.toUpperCase())
    const code = await people.codeFor(email)
    expect((await signIn(codeId, code)).user.id).toBe(user.id)
    await expect(signIn(codeId, code)).rejects.toMatchObject(codeWrong)
  })

  test('used twice at once signs in once', async () => {
    const { codeId } = await request()
    const code = await people.codeFor(email)
    const tries = await Promise.allSettled([signIn(codeId, code), signIn(codeId, code), signIn(codeId, code)])
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('has five attempts, also when they come at once', async () => {
    const { codeId } = await request()
    const code = await people.codeFor(email)
    await Promise.allSettled(Array.from({ length: 5 }, () => signIn(codeId, other(code))))
    await expect(signIn(codeId, code)).rejects.toMatchObject(codeWrong)
  })

  test('runs out after ten minutes', async () => {
    const { codeId } = await request()
    const code = await people.codeFor(email)
    people.time.now += CODE_MS
    await expect(signIn(codeId, code)).rejects.toMatchObject(codeWrong)
  })

  test('is worth nothing for another purpose or with another request\'s id', async () => {
    const first = await request('reset_password')
    const code = await people.codeFor(email)
    await expect(signIn(first.codeId, code)).rejects.toMatchObject(codeWrong)
    const second = await request('sign_in')
    await expect(people.services.users.resetPassword({ codeId: second.codeId, code, newPassword: 'a brand new one' }, origin)).rejects.toMatchObject(codeWrong)
  })

  test('that a stranger asked for and spoilt leaves the owner\'s own alone', async () => {
    const own = await request()
    const code = await people.codeFor(email)
    const strange = await request('sign_in', email, '198.51.100.1')
    for (let at = 0; at < 6; at++) await expect(signIn(strange.codeId, '00000000')).rejects.toBeDefined()
    expect((await signIn(own.codeId, code)).user.id).toBe(user.id)
  })

  test('stands in no table', async () => {
    await request()
    const code = await people.codeFor(email)
    expect(await people.dump()).not.toContain(code)
  })

  test('of a disabled user goes nowhere, and one from before says so', async () => {
    const { codeId } = await request()
    const code = await people.codeFor(email)
    await people.repos.users.update(user.id, { enabled: false })
    await expect(signIn(codeId, code)).rejects.toMatchObject({ code: 'user_disabled' })
    await request()
    expect(await people.mailsTo(email)).toHaveLength(1)
  })
})

describe('an address that is nobody\'s', () => {
  test('gets the same answer, a row like any other, and no mail', async () => {
    const known = await request()
    const unknown = await request('sign_in', 'nobody@example.com')
    expect(Object.keys(unknown)).toEqual(Object.keys(known))
    expect(unknown.codeId).toHaveLength(known.codeId.length)
    expect(unknown.expiresAt).toBe(known.expiresAt)
    expect(await people.mailsTo('nobody@example.com')).toEqual([])
    await expect(signIn(unknown.codeId, '12345678')).rejects.toMatchObject(codeWrong)
  })

  test('is not kept by a user whose name looks like it', async () => {
    await people.addPerson('odd', { username: 'boss@example.com', email: 'other@example.com' })
    await request('sign_in', 'boss@example.com')
    expect(await people.mailsTo('boss@example.com')).toEqual([])
  })
})

describe('mail', () => {
  test('is capped for an address from one place, and the owner elsewhere still gets some', async () => {
    for (let at = 0; at < 3; at++) await request()
    await expect(request()).rejects.toMatchObject({ code: 'rate_limited' })
    await request('sign_in', email, '198.51.100.2')
    expect(await people.mailsTo(email)).toHaveLength(4)
  })

  test('is capped for an address from everywhere, and for one place', async () => {
    const places = await Promise.allSettled(Array.from({ length: 14 }, (_, at) => request('sign_in', email, `198.51.100.${at}`)))
    expect(places.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    const addresses = await Promise.allSettled(Array.from({ length: 24 }, (_, at) => request('sign_in', `x${at}@example.com`, '203.0.113.9')))
    expect(addresses.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  })

  test('comes in the user\'s language, as text and as HTML', async () => {
    await people.repos.users.update(user.id, { locale: 'zh-CN' })
    await request()
    const [mail] = await people.mailsTo(email)
    expect(mail!.subject).toBe('Claude Code Relay 登录验证码')
    const code = /\d{4} \d{4}/.exec(mail!.text)![0]
    expect(mail!.html).toContain(code)
    expect(mail!.html).toContain('lang="zh-CN"')
  })

  test('names the operator, and nothing of it runs as HTML', async () => {
    await people.services.settings.update(people.admin, { operator: { name: '<b>ACME</b>' } })
    await request()
    await people.services.settings.update(people.admin, { operator: { name: null } })
    const [mail] = await people.mailsTo(email)
    expect(mail!.subject).toContain('<b>ACME</b>')
    expect(mail!.html).toContain('&lt;b&gt;ACME&lt;/b&gt;')
    expect(mail!.html).not.toContain('<b>')
  })
})

describe('resetting the password', () => {
  test('by a code ends all sessions, all other codes, and tells the owner', async () => {
    const session = await people.services.users.signIn({ username: user.username, password }, origin)
    const spare = await request('sign_in')
    const spareCode = await people.codeFor(email)
    const { codeId } = await request('reset_password')
    await people.services.users.resetPassword({ codeId, code: await people.codeFor(email), newPassword: 'a brand new one' }, origin)
    expect(await people.services.sessions.find(session.token)).toBeNull()
    await expect(signIn(spare.codeId, spareCode)).rejects.toMatchObject(codeWrong)
    await expect(people.services.users.signIn({ username: user.username, password }, origin)).rejects.toMatchObject({ code: 'login_failed' })
    expect((await people.services.users.signIn({ username: email, password: 'a brand new one' }, origin)).user.mustChangePassword).toBe(false)
    expect((await people.mailsTo(email)).at(-1)!.subject).toContain('was changed')
    expect(JSON.stringify(await people.audit())).not.toContain('a brand new one')
  })
})

test('without a mail server no code is made', async () => {
  const silent = await openPeople({ SMTP_HOST: '' })
  await expect(silent.services.requestCode({ purpose: 'sign_in', email: 'a@example.com' }, null, 'en')).rejects.toMatchObject({ code: 'mail_off' })
  await silent.close()
})
