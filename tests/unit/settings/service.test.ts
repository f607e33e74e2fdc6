import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultSettings } from '#shared/schemas/settings'
import { createSettings } from '#server/settings/service'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

const smtp = { SMTP_HOST: '127.0.0.1', SMTP_FROM: 'relay@example.com' }
let domain: Domain
let admin: Actor

async function open(env: Record<string, string> = {}) {
  domain = await openDomain(env)
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  return domain.services.settings
}
beforeEach(() => {
  admin = undefined as unknown as Actor
})
afterEach(() => domain.close())

/** The settings as another instance has them. */
async function elsewhere() {
  const { repos, changes, clock } = domain
  const other = createSettings({ repos, changes, clock, audit: () => Promise.reject(new Error('nobody changed anything')), given: { logMonths: null, timeZone: 'UTC', publicUrl: null, mail: false, demo: null } })
  await other.load()
  return other
}

describe('settings', () => {
  test('are the defaults at first, with registration off', async () => {
    const settings = await open()
    expect(settings.current).toEqual(defaultSettings)
    expect(settings.view(admin)).toMatchObject({ registration: { mode: 'off' }, retentionFixed: false, mail: false })
  })

  test('are for admins only', async () => {
    const settings = await open()
    const user = await domain.addUser({ username: 'ann' })
    expect(() => settings.view(user)).toThrow(expect.objectContaining({ code: 'forbidden' }) as Error)
    await expect(settings.update(user, { scheduling: { soonestResetFirst: true } })).rejects.toMatchObject({ code: 'forbidden' })
    expect(settings.current.scheduling.soonestResetFirst).toBe(false)
  })

  test('change field by field, reach other instances and the audit log', async () => {
    const settings = await open()
    const other = await elsewhere()
    await settings.update(admin, { operator: { name: 'Example', notice: 'Be kind.' }, scheduling: { soonestResetFirst: true } })
    await settings.update(admin, { operator: { notice: null } })
    const operator = { name: 'Example', logo: null, notice: null, aboutZh: null, aboutEn: null }
    for (const each of [settings, other, await elsewhere()]) expect(each.current).toMatchObject({ operator, scheduling: { soonestResetFirst: true }, registration: { mode: 'off' } })
    expect(await domain.audit()).toMatchObject([
      { action: 'setting.update', targetId: 'operator', before: '{"name":null,"notice":null}', after: '{"name":"Example","notice":"Be kind."}' },
      { action: 'setting.update', targetId: 'scheduling', before: '{"soonestResetFirst":false}', after: '{"soonestResetFirst":true}' },
      { action: 'setting.update', targetId: 'operator', before: '{"notice":"Be kind."}', after: '{"notice":null}' },
    ])
  })

  test('that are saved as they are leave nothing in the audit log', async () => {
    const settings = await open()
    await settings.update(admin, { operator: { name: 'Example' } })
    await settings.update(admin, { operator: { name: 'Example', notice: null }, scheduling: { soonestResetFirst: false }, registration: { mode: 'off' } })
    expect(await domain.audit()).toMatchObject([{ action: 'setting.update', targetId: 'operator' }])
  })

  test('of two fields that are changed at once keep both', async () => {
    const settings = await open()
    await settings.update(admin, { operator: { name: 'first' } })
    await Promise.all([settings.update(admin, { operator: { name: 'Example' } }), settings.update(admin, { operator: { logo: 'EX' } })])
    expect(settings.current.operator).toMatchObject({ name: 'Example', logo: 'EX' })
  })

  test('of two sections that are read at once keep both', async () => {
    const settings = await open()
    const { repos, changes } = domain
    const put = (key: string, value: object) => repos.settings.set({ key, value: JSON.stringify(value), updatedBy: null, updatedAt: 0 })
    await Promise.all([put('operator', { name: 'Example' }), put('scheduling', { soonestResetFirst: true }), put('registration', { mode: 'invite' })])
    await Promise.all(['operator', 'scheduling', 'registration'].map(key => changes.receive('setting', key)))
    expect(settings.current).toMatchObject({ operator: { name: 'Example' }, scheduling: { soonestResetFirst: true }, registration: { mode: 'invite' } })
  })

  test('that the environment fixes are shown as fixed and stay', async () => {
    const settings = await open({ LOG_RETENTION_MONTHS: '7' })
    expect(settings.view(admin)).toMatchObject({ retention: { logMonths: 7 }, retentionFixed: true })
    await expect(settings.update(admin, { retention: { logMonths: 2 } })).rejects.toMatchObject({ options: { details: [{ path: 'retention.logMonths', key: 'errors.settingFixed' }] } })
  })

  test('do not open the registration without mail', async () => {
    const settings = await open()
    await expect(settings.update(admin, { registration: { mode: 'open' } })).rejects.toMatchObject({ options: { details: [{ path: 'registration.mode', key: 'errors.mailNeeded' }] } })
    await settings.update(admin, { registration: { mode: 'invite' } })
    expect(settings.public()).toMatchObject({ registration: 'invite', mail: false })
  })

  test('open the registration with mail', async () => {
    const settings = await open(smtp)
    await settings.update(admin, { registration: { mode: 'open' } })
    expect(settings.public()).toEqual({ operatorName: null, operatorLogo: null, logoVersion: null, notice: null, publicUrl: null, registration: 'open', mail: true, statusPage: false, demo: null })
  })

  test('that a newer version wrote are read all the same', async () => {
    const settings = await open()
    await domain.repos.settings.set({ key: 'scheduling', value: '{"soonestResetFirst":true,"later":1}', updatedBy: null, updatedAt: 0 })
    await settings.load()
    expect(settings.current.scheduling).toEqual({ soonestResetFirst: true })
  })
})

describe('the operator\'s words', () => {
  test('are told in the language asked for, else in the other', async () => {
    const settings = await open()
    expect(settings.about('en')).toEqual({ html: null, language: 'en' })
    await settings.update(admin, { operator: { aboutZh: '**中文**' } })
    expect([settings.about('en'), settings.about('zh-CN')]).toEqual([{ html: '<p><strong>中文</strong></p>\n', language: 'zh-CN' }, { html: '<p><strong>中文</strong></p>\n', language: 'zh-CN' }])
    await settings.update(admin, { operator: { aboutEn: 'English' } })
    expect(settings.about('en')).toEqual({ html: '<p>English</p>\n', language: 'en' })
    await settings.update(admin, { operator: { aboutEn: 'Anew', aboutZh: null } })
    expect(settings.about('zh-CN')).toEqual({ html: '<p>Anew</p>\n', language: 'en' })
  })
})
