import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inviteCreateSchema, inviteListQuery } from '#shared/schemas/user'
import { registerSchema, type RegisterInput } from '#shared/schemas/auth'
import { openPeople, password, type People } from '../../helpers/people'

const DAY = 86_400_000
let people: People
let made = 0
let origin: { ip: string, userAgent: null }

beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())
beforeEach(() => {
  origin = { ip: `198.51.100.${++made}`, userAgent: null }
})

const mode = (given: 'off' | 'invite' | 'open') => people.services.settings.update(people.admin, { registration: { mode: given } })
const invite = (given: Record<string, unknown> = {}) => people.services.invites.create(people.admin, inviteCreateSchema.parse(given))
const register = (input: Partial<RegisterInput>) => people.services.registration.register({ username: `new${made}`, password, ...input }, origin, 'zh-CN')
const ask = (email: string) => people.services.requestCode({ purpose: 'register', email }, origin.ip, 'en')
const field = (path: string, key: string) => ({ code: 'validation', options: { details: [{ path, key }] } })

describe('while registration is off', () => {
  test('no way leads in', async () => {
    await mode('off')
    const { code } = await invite()
    await expect(register({ invite: code })).rejects.toMatchObject({ code: 'registration_closed' })
    await expect(people.services.registration.checkInvite(code, origin.ip)).rejects.toMatchObject({ code: 'registration_closed' })
    await expect(ask('new@example.com')).rejects.toMatchObject({ code: 'registration_closed' })
    await expect(register({ email: 'new@example.com', codeId: 'x', code: '12345678' })).rejects.toMatchObject({ code: 'registration_closed' })
  })
})

describe('an invitation', () => {
  beforeAll(() => mode('invite'))

  test('makes a user without rights, signed in, in the language of the page', async () => {
    const { code } = await invite()
    const { token, user } = await register({ invite: code })
    expect(user).toMatchObject({ role: 'user', enabled: true, sharedPool: false, mustChangePassword: false, email: null, locale: 'zh-CN' })
    expect((await people.services.sessions.find(token))?.user.id).toBe(user.id)
    expect((await people.audit()).at(-1)).toMatchObject({ action: 'user.register', userId: user.id })
  })

  test('works as often as it says, also when all come at once', async () => {
    const { code, invite: { id } } = await invite({ maxUses: 2 })
    const tries = await Promise.allSettled(['a', 'b', 'c', 'd'].map(end => register({ username: `crowd${made}${end}`, invite: code })))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'invite_invalid' } })
    expect((await people.repos.invites.get(id))?.uses).toBe(2)
  })

  test('is not used up by a name that is taken', async () => {
    const { code, invite: { id } } = await invite()
    await expect(register({ username: 'CHIEF', invite: code })).rejects.toMatchObject(field('username', 'errors.usernameTaken'))
    expect((await people.repos.invites.get(id))?.uses).toBe(0)
  })

  test('runs out, and can be withdrawn', async () => {
    const late = await invite({ expiresInDays: 1 })
    const gone = await invite({ expiresInDays: null })
    await people.services.invites.revoke(people.admin, gone.invite.id)
    people.time.now += DAY
    for (const { code } of [late, gone]) await expect(register({ invite: code })).rejects.toMatchObject({ code: 'invite_invalid' })
    const { items } = await people.services.invites.list(people.admin, inviteListQuery.parse({ limit: 2 }))
    expect(items.map(({ state }) => state)).toEqual(['revoked', 'expired'])
  })

  test('for one address gives the user that address, whatever is sent', async () => {
    const { code } = await invite({ email: 'New@example.com' })
    expect(await people.services.registration.checkInvite(code, origin.ip)).toMatchObject({ email: 'New@example.com' })
    expect((await register({ invite: code, email: 'victim@example.com' })).user.email).toBe('New@example.com')
    await expect(invite({ email: 'new@EXAMPLE.com' })).rejects.toMatchObject(field('email', 'errors.emailTaken'))
    expect(inviteCreateSchema.safeParse({ email: 'x@example.com', maxUses: 2 }).success).toBe(false)
  })

  test('is kept as a hash, and is the business of admins', async () => {
    const { code } = await invite()
    expect(await people.dump()).not.toContain(code)
    const user = await people.addPerson(`curious${made}`)
    await expect(people.services.invites.list(user, inviteListQuery.parse({}))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(people.services.invites.create(user, { maxUses: 1, expiresInDays: 1 })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('opens nothing else: an address alone is refused', async () => {
    await expect(ask('new@example.com')).rejects.toMatchObject({ code: 'registration_closed' })
  })

  test('cannot be guessed for long', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 25 }, () => people.services.registration.checkInvite('not-an-invitation-at-all', origin.ip)))
    expect(tries.at(-1)).toMatchObject({ reason: { code: 'rate_limited' } })
  })
})

describe('open registration', () => {
  beforeAll(() => mode('open'))

  test('takes an address that its owner has proved', async () => {
    const { codeId } = await ask('fresh@example.com')
    const code = await people.codeFor('fresh@example.com')
    const proof = { email: 'fresh@example.com', codeId, code }
    await expect(register({ ...proof, email: 'victim@example.com' })).rejects.toMatchObject(field('code', 'errors.codeWrong'))
    await expect(register({ ...proof, username: 'chief' })).rejects.toMatchObject(field('username', 'errors.usernameTaken'))
    expect((await register(proof)).user).toMatchObject({ email: 'fresh@example.com', role: 'user' })
    await expect(register({ ...proof, username: 'second' })).rejects.toMatchObject(field('code', 'errors.codeWrong'))
  })

  test('says nothing of an address that is somebody\'s: its owner gets a mail', async () => {
    await people.addPerson('known')
    const taken = await ask('known@example.com')
    expect(Object.keys(taken)).toEqual(['codeId', 'expiresAt'])
    const [mail] = await people.mailsTo('known@example.com')
    expect(mail!.text).toContain('known')
    expect(mail!.text).not.toMatch(/\d{4} \d{4}/)
    await expect(register({ email: 'known@example.com', codeId: taken.codeId, code: '12345678' })).rejects.toMatchObject(field('code', 'errors.codeWrong'))
  })
})

describe('names', () => {
  const ok = (username: string) => registerSchema.safeParse({ username, password, invite: 'x'.repeat(32) }).success

  test('are letters, digits, dot, dash, underscore; never an address, so that none can stand for somebody\'s', () => {
    expect(['ann', '李明', 'zoë.b-2_c'].map(ok)).toEqual([true, true, true])
    expect(['a', 'victim@example.com', 'victim＠example.com', 'a b', '.ann', 'ann:1', '<ann>', 'x'.repeat(51)].map(ok)).toEqual(Array(8).fill(false))
  })
})
