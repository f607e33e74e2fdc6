import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { channelCreateSchema, channelListSchema, channelPatchSchema } from '#shared/schemas/notification'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { startHook, type Hook } from '../../helpers/hook'
import { startSmtp, type TestSmtp } from '../../helpers/smtp'

const secret = 'a-signing-secret-xyz9'
let domain: Domain
let smtp: TestSmtp
let hook: Hook
let admin: Actor
let ann: Actor
let ben: Actor

beforeAll(async () => {
  smtp = await startSmtp()
  domain = await openDomain({ SMTP_HOST: smtp.settings.host, SMTP_PORT: String(smtp.settings.port), SMTP_FROM: 'relay@example.com' })
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann', email: 'Ann@example.org', locale: 'zh-CN' })
  ben = await domain.addUser({ username: 'ben' })
})
beforeEach(async () => {
  hook = await startHook()
  domain.time.now += 120_000
})
afterEach(() => hook.close())
afterAll(async () => {
  await domain.close()
  await smtp.close()
})

const channels = () => domain.services.channels
const body = (given: object = {}) => ({ name: 'ops', kind: 'webhook', config: { url: `${hook.url}/a-secret-path-0123`, secret }, events: ['account_abnormal'], ...given })
const publicUrl = 'https://hooks.example.com/a-secret-path-0123'
const create = (actor: Actor, given: object = {}) => channels().create(actor, channelCreateSchema.parse(body(given)), 'en')
const update = (actor: Actor, id: string, given: object) => channels().update(actor, id, channelPatchSchema.parse(given))
const problems = (path: string, key: string) => ({ code: 'validation', options: { details: [expect.objectContaining({ path, key }) as object] } })

describe('secrets', () => {
  test('are sealed in the database, and in no view and no audit row', async () => {
    const made = await create(admin)
    await update(admin, made.id, { config: { secret: 'another-signing-secret-abc1' } })
    await channels().test(admin, made.id)
    const views = JSON.stringify([made, await channels().list(admin, channelListSchema.parse({})), await channels().get(admin, made.id)])
    for (const text of [views, await domain.dump()]) {
      for (const hidden of [secret, 'another-signing-secret', 'a-secret-path']) expect(text).not.toContain(hidden)
    }
    expect(made.shown).toEqual({ url: expect.stringMatching(/^127\.0\.0\.1:\d+…0123$/) as string, secret: '…xyz9' })
  })

  test('repeated by the other side are not shown', async () => {
    hook.answers({ status: 400, body: `no such hook: ${hook.url}/a-secret-path-0123 (${secret})` })
    const { id } = await create(admin)
    const { message } = await channels().test(admin, id)
    expect(message).toContain('no such hook')
    expect(message).not.toMatch(/a-secret-path|xyz9/)
    expect((await channels().get(admin, id)).lastError?.message).toBe(message)
  })

  test('do not open on another channel', async () => {
    const [one, two] = [await create(admin), await create(admin)]
    await domain.repos.notificationChannels.update(two.id, { config: (await domain.repos.notificationChannels.get(one.id))!.config })
    expect(await channels().test(admin, two.id)).toMatchObject({ ok: false, reason: 'unreadable' })
    await update(admin, two.id, { config: { url: `${hook.url}/anew` } })
    expect(await channels().test(admin, two.id)).toMatchObject({ ok: true })
  })

  test('are wiped with the channel', async () => {
    const { id } = await create(admin)
    await channels().remove(admin, id)
    const { notificationChannels } = domain.store.tables
    expect((await domain.store.db.select().from(notificationChannels)).find(row => row.id === id)).toMatchObject({ config: '', shown: null })
  })
})

describe('who', () => {
  test('another owner\'s channel is not found; admins find it', async () => {
    const { id } = await create(ann, { config: { url: publicUrl } })
    for (const call of [channels().get(ben, id), update(ben, id, { name: 'x' }), channels().remove(ben, id), channels().test(ben, id)]) {
      await expect(call).rejects.toMatchObject({ code: 'not_found' })
    }
    expect((await channels().list(ben, channelListSchema.parse({}))).items).toEqual([])
    expect((await channels().get(admin, id)).ownerName).toBe('ann')
  })

  test('users are not told of the installation\'s affairs', async () => {
    for (const event of ['journal_growing', 'task_failed']) {
      await expect(create(ann, { config: { url: publicUrl }, events: [event] })).rejects.toMatchObject(problems('events', 'errors.choice'))
      expect((await create(admin, { events: [event] })).events).toEqual([event])
    }
    const { id } = await create(ann, { config: { url: publicUrl } })
    await expect(update(ann, id, { events: ['task_failed'] })).rejects.toMatchObject(problems('events', 'errors.choice'))
    await expect(update(admin, id, { events: ['task_failed'] })).rejects.toMatchObject(problems('events', 'errors.choice'))
  })

  test.each(['http://127.0.0.1/x', 'http://[::1]/x', 'http://169.254.169.254/latest', 'http://10.0.0.1/', 'http://localhost:3000', 'http://db.internal/x'])('users may not enter %s', async (url) => {
    await expect(create(ann, { config: { url } })).rejects.toMatchObject(problems('config.url', 'errors.urlPrivate'))
    const { id } = await create(ann, { config: { url: publicUrl } })
    await expect(update(ann, id, { config: { url } })).rejects.toMatchObject(problems('config.url', 'errors.urlPrivate'))
  })

  test('a user\'s channel with a private address is refused at sending, however it got there', async () => {
    const { id } = await create(admin)
    await domain.repos.notificationChannels.update(id, { ownerId: ann.id })
    expect(await channels().test(ann, id)).toMatchObject({ ok: false, reason: 'private_address' })
    expect(hook.calls).toEqual([])
  })

  test('users send mail to themselves only', async () => {
    await expect(create(ann, { kind: 'email', config: { to: 'eve@example.net' } })).rejects.toMatchObject(problems('config.to', 'errors.emailOwn'))
    await expect(create(ben, { kind: 'email', config: { to: 'ann@example.org' } })).rejects.toMatchObject(problems('config.to', 'errors.emailOwn'))
    const { id } = await create(ann, { kind: 'email', config: { to: 'ann@Example.org' } })
    expect(await channels().test(ann, id)).toMatchObject({ ok: true, reason: 'delivered' })
    expect(smtp.mails.at(-1)!.to).toEqual(['ann@example.org'])
    expect((await create(admin, { kind: 'email', config: { to: 'ops@example.net' } })).shown).toEqual({ to: 'ops@example.net' })
  })
})

describe('what is entered', () => {
  test('an unknown kind is refused with the names of the usable ones', async () => {
    await expect(create(admin, { kind: 'toString' })).rejects.toMatchObject({ ...problems('kind', 'errors.choice'), message: expect.stringContaining('webhook, slack, feishu, dingtalk, telegram, email') as string })
  })

  test('without a mail server there is no mail', async () => {
    const plain = await openDomain()
    const chief = await plain.addUser({ username: 'chief', role: 'admin' })
    const made = plain.services.channels.create(chief, channelCreateSchema.parse(body({ kind: 'email', config: { to: 'a@example.com' } })), 'en')
    await expect(made).rejects.toMatchObject(problems('kind', 'errors.choice'))
    expect(plain.services.channels.kinds().filter(({ available }) => !available).map(({ id }) => id)).toEqual(['email'])
    await plain.close()
  })

  test.each([
    [{}, 'config.url', 'errors.required'],
    [{ url: 'ftp://x.example.com' }, 'config.url', 'errors.url'],
    [{ url: publicUrl, secret: 'short' }, 'config.secret', 'errors.tooShort'],
    [{ url: publicUrl, more: 1 }, 'config.more', 'errors.unknownField'],
  ])('config %j is refused at %s', async (config, path, key) => {
    await expect(create(admin, { config })).rejects.toMatchObject(problems(path, key))
  })

  test('absent fields of the config stay, null ones go, wrong ones change nothing', async () => {
    const { id, shown } = await create(admin)
    expect((await update(admin, id, { name: 'renamed', events: ['pool_unusable'] }))).toMatchObject({ name: 'renamed', events: ['pool_unusable'], shown })
    await expect(update(admin, id, { config: { url: null } })).rejects.toMatchObject(problems('config.url', 'errors.required'))
    expect(Object.keys((await update(admin, id, { config: { secret: null } })).shown)).toEqual(['url'])
    await channels().test(admin, id)
    expect(hook.calls.at(-1)!.headers['webhook-signature']).toBeUndefined()
  })
})

describe('a test message', () => {
  test('comes in the owner\'s language and is noted', async () => {
    const { id } = await create(admin)
    await domain.repos.notificationChannels.update(id, { ownerId: admin.id })
    await domain.repos.users.update(admin.id, { locale: 'zh-CN' })
    expect(await channels().test(admin, id)).toMatchObject({ ok: true, status: 200 })
    expect(hook.calls[0]!.json).toMatchObject({ event: 'test', title: '测试消息' })
    expect(await channels().get(admin, id)).toMatchObject({ lastSuccessAt: domain.time.now, lastError: null })
  })

  test('that fails is told in the other side\'s words; the last success stays', async () => {
    const { id } = await create(admin)
    await channels().test(admin, id)
    const succeededAt = domain.time.now
    hook.answers({ status: 404, body: 'no_service' })
    domain.time.now += 1000
    expect(await channels().test(admin, id)).toMatchObject({ ok: false, reason: 'refused', status: 404, message: 'no_service' })
    expect(await channels().get(admin, id)).toMatchObject({ lastSuccessAt: succeededAt, lastError: { at: domain.time.now, reason: 'refused', message: 'no_service' } })
  })

  test('to nobody is told as unreachable', async () => {
    const { id } = await create(admin, { config: { url: 'http://127.0.0.1:1/' } })
    expect(await channels().test(admin, id)).toMatchObject({ ok: false, reason: 'unreachable', status: null })
  })

  test('cannot be sent without end', async () => {
    const { id } = await create(admin)
    for (let i = 0; i < 10; i++) await channels().test(admin, id)
    await expect(channels().test(admin, id)).rejects.toMatchObject({ code: 'rate_limited' })
    expect(hook.calls).toHaveLength(10)
  })
})

test('the first channel settles the language of one who never chose', async () => {
  const eve = await domain.addUser({ username: 'eve' })
  const made = (language: 'en' | 'zh-CN') => channels().create(eve, channelCreateSchema.parse(body({ config: { url: publicUrl } })), language)
  await made('zh-CN')
  await made('en')
  expect((await domain.repos.users.get(eve.id))?.locale).toBe('zh-CN')
})

test('every change is in the audit log', async () => {
  const { id } = await create(admin)
  await update(admin, id, { config: { url: `${hook.url}/b` }, enabled: false })
  await channels().test(admin, id)
  await channels().remove(admin, id)
  const rows = (await domain.audit()).filter(row => row.targetId === id)
  expect(rows.map(row => row.action)).toEqual(['channel.create', 'channel.update', 'channel.test', 'channel.delete'])
  expect(JSON.parse(rows[1]!.after!)).toMatchObject({ enabled: false, configChanged: ['url'] })
})
