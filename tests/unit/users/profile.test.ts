import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '#server/users/sessions'
import { openPeople, origin, password, type People } from '../../helpers/people'

let people: People
let session: Session
let name: string
let made = 0

beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())
beforeEach(async () => {
  name = `ann${++made}`
  await people.addPerson(name)
  session = await people.sessionOf(name)
  people.time.now += 3_600_000
})

const profile = () => people.services.profile
const ask = (email: string, currentPassword = password) => profile().requestEmail(session, { email, currentPassword }, origin.ip, 'en')
const field = (path: string, key: string) => ({ code: 'validation', options: { details: [{ path, key }] } })

describe('the name', () => {
  test('changes, and signs in from then on', async () => {
    expect(await profile().update(session, { username: `Zoë${made}`, locale: 'zh-CN' }, origin.ip)).toMatchObject({ username: `Zoë${made}`, locale: 'zh-CN' })
    expect((await people.sessionOf(`zoë${made}`)).user.id).toBe(session.user.id)
    await expect(people.sessionOf(name)).rejects.toMatchObject({ code: 'login_failed' })
  })

  test('is nobody else\'s name or address; one\'s own in other letters is fine', async () => {
    await expect(profile().update(session, { username: 'CHIEF' }, origin.ip)).rejects.toMatchObject(field('username', 'errors.usernameTaken'))
    expect((await profile().update(session, { username: name.toUpperCase() }, origin.ip)).username).toBe(name.toUpperCase())
  })

  test('that two want at once goes to one', async () => {
    await people.addPerson(`${name}b`)
    const second = await people.sessionOf(`${name}b`)
    const tries = await Promise.allSettled([session, second].map(each => profile().update(each, { username: `wanted${made}` }, origin.ip)))
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({ reason: field('username', 'errors.usernameTaken') })
  })
})

describe('the address', () => {
  test('changes by a code to the new one; the old one is told and its codes are worth nothing', async () => {
    const [old, fresh] = [`${name}@example.com`, `${name}@example.org`]
    const { codeId: oldId } = await people.services.requestCode({ purpose: 'sign_in', email: old }, origin.ip, 'en')
    const oldCode = await people.codeFor(old)
    const { codeId } = await ask(fresh)
    expect(session.user.email).toBe(old)
    const after = await profile().confirmEmail(session, { email: fresh, codeId, code: await people.codeFor(fresh) }, origin.ip)
    expect(after.email).toBe(fresh)
    expect((await people.mailsTo(old)).at(-1)!.subject).toContain('was changed')
    await expect(people.services.users.signInByCode({ codeId: oldId, code: oldCode }, origin)).rejects.toMatchObject(field('code', 'errors.codeWrong'))
    expect((await people.sessionOf(fresh)).user.id).toBe(session.user.id)
  })

  test('needs the current password', async () => {
    await expect(ask(`${name}@example.org`, 'wrong')).rejects.toMatchObject(field('currentPassword', 'errors.passwordWrong'))
    expect(await people.mailsTo(`${name}@example.org`)).toEqual([])
  })

  test('of somebody else gets the same answer, and a mail that says so', async () => {
    const { codeId } = await ask('chief@example.com')
    await people.addPerson(`${name}c`)
    const taken = await ask(`${name}c@example.com`)
    expect(taken.codeId).toHaveLength(codeId.length)
    const [mail] = await people.mailsTo(`${name}c@example.com`)
    expect(mail!.text).not.toMatch(/\d{4} \d{4}/)
  })

  test('is not taken by another user\'s code, nor by one for another address', async () => {
    await people.addPerson(`${name}d`)
    const other = await people.sessionOf(`${name}d`)
    const fresh = `${name}@example.net`
    const { codeId } = await ask(fresh)
    const code = await people.codeFor(fresh)
    await expect(profile().confirmEmail(other, { email: fresh, codeId, code }, origin.ip)).rejects.toMatchObject(field('code', 'errors.codeWrong'))
    await expect(profile().confirmEmail(session, { email: 'victim@example.net', codeId, code }, origin.ip)).rejects.toMatchObject(field('code', 'errors.codeWrong'))
  })
})

describe('sessions', () => {
  test('are listed to their owner, with the one that asks', async () => {
    const second = await people.sessionOf(name)
    const rows = await profile().sessions(second)
    expect(rows.map(row => row.id)).toEqual([second.row.id, session.row.id])
    expect(rows.map(row => row.current)).toEqual([true, false])
    expect(rows[0]).toMatchObject({ ip: origin.ip, userAgent: 'test' })
  })

  test('end one by one, and only one\'s own', async () => {
    const { token } = await people.services.users.signIn({ username: name, password }, origin)
    const second = (await people.services.sessions.find(token))!
    await people.addPerson(`${name}e`)
    const stranger = await people.sessionOf(`${name}e`)
    await expect(profile().endSession(stranger, second.row.id, origin.ip)).rejects.toMatchObject({ code: 'not_found' })
    expect(await people.services.sessions.find(token)).not.toBeNull()
    await profile().endSession(session, second.row.id, origin.ip)
    expect(await people.services.sessions.find(token)).toBeNull()
  })

  test('all end when one signs out everywhere', async () => {
    const { token } = await people.services.users.signIn({ username: name, password }, origin)
    await people.services.sessions.find(token)
    await profile().endSessions(session, origin.ip)
    expect(await people.services.sessions.find(token)).toBeNull()
    expect(await profile().sessions(session)).toEqual([])
  })
})
