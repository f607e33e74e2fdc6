import { schedulingSchema, type SchedulingPatchInput, type SchedulingSettings } from '#shared/schemas/settings'
import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { parseColumn } from '../lib/json-column'
import { requireAdmin, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'

export interface SchedulingDeps {
  repos: Pick<Repos, 'settings'>
  changes: Changes
  clock: Clock
  audit: Audit
}

const KEY = 'scheduling'

/** How accounts are chosen, as admins set it for the whole installation; in memory, in force at once. */
export function createSchedulingSettings({ repos, changes, clock, audit }: SchedulingDeps) {
  let current: SchedulingSettings = schedulingSchema.parse({})

  async function load(): Promise<void> {
    const text = await repos.settings.get(KEY)
    current = text === null ? schedulingSchema.parse({}) : parseColumn(schedulingSchema, text, `settings.${KEY}`)
  }
  changes.on('setting', async (id) => {
    if (id === KEY) await load()
  })

  return {
    load,
    get soonestResetFirst() {
      return current.soonestResetFirst
    },
    get(actor: Actor): SchedulingSettings {
      requireAdmin(actor)
      return current
    },
    async update(actor: Actor, patch: SchedulingPatchInput): Promise<SchedulingSettings> {
      requireAdmin(actor)
      const before = current
      const after = { ...before, ...patch }
      await repos.settings.set({ key: KEY, value: JSON.stringify(after), updatedBy: actor.id, updatedAt: clock.now() })
      await changes.emit('setting', KEY)
      await audit(actor, { action: 'setting.update', target: { type: 'setting', id: KEY, name: KEY }, before, after })
      return after
    },
  }
}

export type SchedulingSettingsService = ReturnType<typeof createSchedulingSettings>
