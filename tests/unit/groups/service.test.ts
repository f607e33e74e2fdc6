import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupCreateSchema, groupListSchema } from '#shared/schemas/group'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  ben = await domain.addUser({ username: 'ben' })
})
afterAll(() => domain.close())

const groups = () => domain.services.groups
const create = (actor: Actor, name: string) => groups().create(actor, groupCreateSchema.parse({ name }))
const list = (actor: Actor, query: Record<string, string> = {}) => groups().list(actor, groupListSchema.parse(query))

test('another owner\'s group is not found, whatever is done with it; an admin reaches it', async () => {
  const { id } = await create(ann, 'of ann')
  for (const call of [groups().get(ben, id), groups().update(ben, id, { name: 'mine' }), groups().remove(ben, id)]) {
    await expect(call).rejects.toMatchObject({ code: 'not_found' })
  }
  expect(await groups().get(admin, id)).toMatchObject({ name: 'of ann', ownerId: ann.id, ownerName: 'ann' })
  expect(await groups().update(admin, id, { remark: 'seen' })).toMatchObject({ ownerId: ann.id, remark: 'seen', name: 'of ann' })
})

test('a list shows own groups only, an admin\'s list all or one owner\'s', async () => {
  const { id } = await create(ben, 'of ben')
  expect((await list(ann)).items.map(group => group.id)).not.toContain(id)
  expect((await list(admin)).items.map(group => group.id)).toContain(id)
  expect((await list(admin, { ownerId: ann.id })).items.every(group => group.ownerId === ann.id)).toBe(true)
  await expect(list(ann, { ownerId: ben.id })).rejects.toMatchObject({ code: 'forbidden' })
})

test('pages neither repeat nor leave out a row', async () => {
  const owner = await domain.addUser({ username: 'many' })
  const made = []
  for (let at = 0; at < 7; at++) made.push((await create(owner, `g${at}`)).id)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await list(owner, { limit: '3', ...cursor ? { cursor } : {} })
    seen.push(...page.items.map(group => group.id))
    cursor = page.nextCursor
  } while (cursor)
  expect(seen).toEqual(made.reverse())
})

test('search takes wildcards literally and ignores case', async () => {
  const owner = await domain.addUser({ username: 'searcher' })
  await create(owner, '100% Sure')
  await create(owner, '1000 Surely')
  expect((await list(owner, { q: '100% s' })).items.map(group => group.name)).toEqual(['100% Sure'])
  expect((await list(owner, { q: 'SURE' })).items).toHaveLength(2)
})

test('null clears the remark, absence leaves it', async () => {
  const { id } = await groups().create(ann, groupCreateSchema.parse({ name: 'with remark', remark: 'old' }))
  expect((await groups().update(ann, id, { enabled: false })).remark).toBe('old')
  expect((await groups().update(ann, id, { remark: null })).remark).toBeNull()
})

test('a group that is in use stays', async () => {
  const { id } = await create(ann, 'in use')
  const key = await domain.services.keys.create(ann, { name: 'k', groupId: id, enabled: true, models: [], ipAllow: [], clients: [], revealable: false, limits: {} })
  await expect(groups().remove(ann, id)).rejects.toMatchObject({ code: 'in_use', options: { details: { keys: 1, accounts: 0 } } })
  await domain.services.keys.remove(ann, key.id)
  await groups().remove(ann, id)
  await expect(groups().get(ann, id)).rejects.toMatchObject({ code: 'not_found' })
})

test('every write is announced and audited with what changed', async () => {
  domain.emitted.length = 0
  const { id } = await create(ann, 'audited')
  await groups().update(ann, id, { name: 'renamed' })
  await groups().remove(ann, id)
  expect(domain.emitted).toEqual([['group', id], ['group', id], ['group', id]])
  const rows = (await domain.audit()).filter(row => row.targetId === id)
  expect(rows.map(row => row.action)).toEqual(['group.create', 'group.update', 'group.delete'])
  expect(JSON.parse(rows[1]!.before!)).toMatchObject({ name: 'audited' })
  expect(JSON.parse(rows[1]!.after!)).toMatchObject({ name: 'renamed' })
  expect(JSON.parse(rows[1]!.after!)).not.toHaveProperty('ownerId')
  expect(rows[0]).toMatchObject({ userId: ann.id, userName: 'ann', ip: ann.ip })
})
