import type { RegistrationMode, Settings } from '../schemas/settings'
import type { Language } from '../utils/language'

/** Answer of GET and PATCH /api/admin/settings. */
export interface SettingsView extends Settings {
  /** Is the number of months given by the environment? Then it can't be set here. */
  retentionFixed: boolean
  /** IANA name in which days begin; the environment's. */
  timeZone: string
  /** Can mail be sent? */
  mail: boolean
  /** Of the operator's picture; null when there is none. */
  logoVersion: string | null
}

/** What every visitor may know. */
export interface PublicSettings {
  operatorName: string | null
  operatorLogo: string | null
  /** Of the picture at /operator/logo, which stands in place of all other marks; null when there is none. */
  logoVersion: string | null
  notice: string | null
  publicUrl: string | null
  registration: RegistrationMode
  mail: boolean
  /** Is there a page /status for everybody? */
  statusPage: boolean
  /** How to sign in, where everything is made up (`npm run demo`); else null. */
  demo: { username: string, password: string } | null
}

/** Answer of GET /api/public/about: what the operator says of their relay. */
export interface AboutView {
  /** Safe HTML, made from Markdown; null when they say nothing. */
  html: string | null
  /** Of the words: the one asked for, or the other when there are none in it. */
  language: Language
}
