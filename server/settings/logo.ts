import { headOf, keptLogoSchema, type LogoInput } from '#shared/schemas/logo'
import { pictureTypeOf, type PictureType } from '#shared/utils/picture'
import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { invalidField, notFound } from '../lib/errors'
import { sha256Hex } from '../lib/hash'
import { parseColumn } from '../lib/json-column'
import { requireAdmin, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'

export interface Logo {
  type: PictureType
  bytes: Buffer
  /** Changes with the bytes. */
  version: string
}

export interface LogoDeps {
  repos: Pick<Repos, 'settings'>
  changes: Changes
  clock: Clock
  audit: Audit
}

/** Key of the picture in the settings table. */
const KEY = 'logo'
const target = { type: 'setting', id: KEY, name: KEY } as const

/** The operator's picture: in the settings table, and in memory on all instances. The audit log tells its kind and size only. */
export function createLogo({ repos, changes, clock, audit }: LogoDeps) {
  let current: Logo | null = null
  let reads = 0

  /** Only what was asked for last is kept, whatever comes in last. */
  async function load(): Promise<void> {
    const mine = ++reads
    const text = await repos.settings.get(KEY)
    if (mine === reads) current = read(text)
  }
  changes.on('setting', async (id) => {
    if (id === KEY) await load()
  })

  return {
    load,
    get current() {
      return current
    },

    /** Puts up a picture in place of the one before. */
    async set(actor: Actor, { data }: LogoInput): Promise<void> {
      requireAdmin(actor)
      const type = pictureTypeOf(headOf(data))
      if (!type) throw invalidField('data', 'errors.pictureType')
      const version = sha256Hex(data).slice(0, 12)
      const { before, after } = await repos.settings.change(KEY, () => JSON.stringify({ type, data, version }), { updatedBy: actor.id, updatedAt: clock.now() })
      await changes.emit('setting', KEY)
      await audit(actor, { action: 'setting.update', target, before: facts(read(before)), after: facts(read(after)) })
    },

    /** Takes the picture away. */
    async remove(actor: Actor): Promise<void> {
      requireAdmin(actor)
      const before = read(await repos.settings.get(KEY))
      if (!before) throw notFound('picture')
      await repos.settings.remove(KEY)
      await changes.emit('setting', KEY)
      await audit(actor, { action: 'setting.delete', target, before: facts(before) })
    },
  }
}

function read(text: string | null): Logo | null {
  if (text === null) return null
  const { type, data, version } = parseColumn(keptLogoSchema, text, `settings.${KEY}`)
  return { type, bytes: Buffer.from(data, 'base64'), version }
}

const facts = (logo: Logo | null) => logo && { type: logo.type, bytes: logo.bytes.length, version: logo.version }
