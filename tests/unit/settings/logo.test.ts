import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSettings } from '#server/settings/service'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { beginnings, pngPixel } from '../../helpers/pictures'

let domain: Domain
let admin: Actor
const png = { data: pngPixel.toString('base64') }
const jpeg = { data: beginnings['image/jpeg'].toString('base64') }

beforeEach(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
})
afterEach(() => domain.close())

describe('the operator\'s picture', () => {
  test('is there on every instance, with a version of its own', async () => {
    const { settings } = domain.services
    const { repos, changes, clock } = domain
    const other = createSettings({ repos, changes, clock, audit: () => Promise.reject(new Error('nobody changed anything')), given: { logMonths: null, timeZone: 'UTC', publicUrl: null, mail: false, demo: null } })
    await other.load()
    expect([settings.logo, settings.public().logoVersion]).toEqual([null, null])
    const { logoVersion: first } = await settings.setLogo(admin, png)
    for (const each of [settings, other]) expect(each.logo).toMatchObject({ type: 'image/png', bytes: pngPixel, version: first })
    const { logoVersion: second } = await settings.setLogo(admin, jpeg)
    expect(second).not.toBe(first)
    expect(other.public().logoVersion).toBe(second)
    await settings.removeLogo(admin)
    for (const each of [settings, other]) expect([each.logo, each.public().logoVersion]).toEqual([null, null])
    await expect(settings.removeLogo(admin)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('is for admins to change', async () => {
    const { settings } = domain.services
    const user = await domain.addUser({ username: 'ann' })
    await expect(settings.setLogo(user, png)).rejects.toMatchObject({ code: 'forbidden' })
    await settings.setLogo(admin, png)
    await expect(settings.removeLogo(user)).rejects.toMatchObject({ code: 'forbidden' })
    expect(settings.logo).not.toBeNull()
  })

  test('is in the audit log by its kind and size, without its bytes', async () => {
    const { settings } = domain.services
    await settings.setLogo(admin, png)
    await settings.setLogo(admin, jpeg)
    await settings.removeLogo(admin)
    const rows = await domain.audit()
    expect(rows.map(({ action, targetId, before, after }) => [action, targetId, before && 'set', after && 'set'])).toEqual([
      ['setting.update', 'logo', null, 'set'], ['setting.update', 'logo', 'set', 'set'], ['setting.delete', 'logo', 'set', null],
    ])
    expect(JSON.parse(rows[0]!.after!)).toEqual({ type: 'image/png', bytes: pngPixel.length, version: expect.any(String) as string })
    expect(JSON.stringify(rows)).not.toMatch(/iVBORw0KGgo|\/9j\//)
  })
})
