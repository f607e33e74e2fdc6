import { isDeepStrictEqual } from 'node:util'
import type { LogoInput } from '#shared/schemas/logo'
import { defaultSettings, settingsSections, type Settings, type SettingsPatchInput, type SettingsSection } from '#shared/schemas/settings'
import type { AboutView, PublicSettings, SettingsView } from '#shared/types/settings'
import type { Language } from '#shared/utils/language'
import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { invalidField } from '../lib/errors'
import { parseColumn } from '../lib/json-column'
import { requireAdmin, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { createAbout } from './about'
import { createLogo } from './logo'

export interface SettingsDeps {
  repos: Pick<Repos, 'settings'>
  changes: Changes
  clock: Clock
  audit: Audit
  /** What the environment decides. */
  given: {
    /** Null: set by admins. */
    logMonths: number | null
    timeZone: string
    publicUrl: string | null
    /** Is there a mail server? */
    mail: boolean
    /** How visitors of a demo sign in; null: this is none. */
    demo: PublicSettings['demo']
  }
}

const sections = Object.keys(settingsSections) as SettingsSection[]

/** What admins set for the whole installation: one row a section, in memory, in force on all instances at once. */
export function createSettings({ repos, changes, clock, audit, given }: SettingsDeps) {
  let stored: Settings = defaultSettings
  /** Counts reads by section: only what was asked for last is kept, whatever comes in last. */
  const reads = new Map<SettingsSection, number>()
  const about = createAbout()
  const logo = createLogo({ repos, changes, clock, audit })

  async function loadSection(section: SettingsSection): Promise<void> {
    const mine = (reads.get(section) ?? 0) + 1
    reads.set(section, mine)
    const text = await repos.settings.get(section)
    if (mine === reads.get(section)) stored = { ...stored, [section]: read(section, text) }
  }
  async function load(): Promise<void> {
    for (const section of sections) await loadSection(section)
    await logo.load()
  }
  changes.on('setting', async (id) => {
    const section = sections.find(each => each === id)
    if (section) await loadSection(section)
  })
  changes.onGap(load)

  const current = (): Settings => (given.logMonths === null ? stored : { ...stored, retention: { logMonths: given.logMonths } })

  const view = (): SettingsView => ({ ...current(), retentionFixed: given.logMonths !== null, timeZone: given.timeZone, mail: given.mail, logoVersion: logo.current?.version ?? null })

  /** Fields of one section, over what the database has by now. What leads to nothing new is told to nobody. */
  async function change(actor: Actor, section: SettingsSection, patch: object): Promise<void> {
    const change = await repos.settings.change(section, text => JSON.stringify({ ...read(section, text), ...patch }), { updatedBy: actor.id, updatedAt: clock.now() })
    const [before, after] = [read(section, change.before), read(section, change.after)]
    if (isDeepStrictEqual(before, after)) return
    await changes.emit('setting', section)
    await audit(actor, { action: 'setting.update', target: { type: 'setting', id: section, name: section }, before, after })
  }

  return {
    load,
    /** In force now. */
    get current() {
      return current()
    },

    view(actor: Actor): SettingsView {
      requireAdmin(actor)
      return view()
    },

    /** Sections that are left out stay, fields too. */
    async update(actor: Actor, patch: SettingsPatchInput): Promise<SettingsView> {
      requireAdmin(actor)
      if (patch.retention && given.logMonths !== null) throw invalidField('retention.logMonths', 'errors.settingFixed', { variable: 'LOG_RETENTION_MONTHS' })
      if (patch.registration?.mode === 'open' && !given.mail) throw invalidField('registration.mode', 'errors.mailNeeded')
      for (const section of sections) {
        const fields = patch[section]
        if (fields && Object.keys(fields).length > 0) await change(actor, section, fields)
      }
      return view()
    },

    /** The operator's picture; null when there is none. */
    get logo() {
      return logo.current
    },

    /** Puts up a picture in place of the one before. */
    async setLogo(actor: Actor, input: LogoInput): Promise<SettingsView> {
      await logo.set(actor, input)
      return view()
    },

    removeLogo: logo.remove,

    /** What the operator says of their relay, in that language or else the other. */
    about(language: Language): AboutView {
      return about(current().operator, language)
    },

    /** What every visitor may know of this installation. */
    public(): PublicSettings {
      const { operator, registration, statusPage } = current()
      return { operatorName: operator.name, operatorLogo: operator.logo, logoVersion: logo.current?.version ?? null, notice: operator.notice, publicUrl: given.publicUrl, registration: registration.mode, mail: given.mail, statusPage: statusPage.shown, demo: given.demo }
    },
  }
}

export type SettingsService = ReturnType<typeof createSettings>

function read<S extends SettingsSection>(section: S, text: string | null): Settings[S] {
  const kept = text === null ? {} : parseColumn(settingsSections[section].partial(), text, `settings.${section}`)
  return { ...defaultSettings[section], ...kept }
}
