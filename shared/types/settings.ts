import type { RegistrationMode, Settings } from '../schemas/settings'

/** Answer of GET and PATCH /api/admin/settings. */
export interface SettingsView extends Settings {
  /** Is the number of months given by the environment? Then it can't be set here. */
  retentionFixed: boolean
  /** IANA name in which days begin; the environment's. */
  timeZone: string
  /** Can mail be sent? */
  mail: boolean
}

/** What every visitor may know. */
export interface PublicSettings {
  operatorName: string | null
  operatorLogo: string | null
  notice: string | null
  publicUrl: string | null
  registration: RegistrationMode
  mail: boolean
  /** Is there a page /status for everybody? */
  statusPage: boolean
  /** How to sign in, where everything is made up (`npm run demo`); else null. */
  demo: { username: string, password: string } | null
}
