import { z } from 'zod'
import { languages } from '../utils/language'

export const registrationModes = ['off', 'invite', 'open'] as const
export type RegistrationMode = (typeof registrationModes)[number]

const text = (max: number) => z.string().trim().min(1).max(max).nullable()
/** Of one line: it stands in heads of mails and pages. */
const line = (max: number) => z.string().trim().min(1).max(max).regex(/^\P{Cc}*$/u, 'errors.invalid').nullable()

const fields = {
  registration: {
    /** Who may make a user for themselves: nobody, who has an invitation, or who proves an e-mail address. */
    mode: z.enum(registrationModes),
  },
  operator: {
    /** Stands in place of the product's name. */
    name: line(60),
    /** One to four characters in place of the product's picture. */
    logo: line(4),
    /** A few words for the public pages. */
    notice: text(500),
    /** Markdown for the first page, in Chinese and in English. */
    aboutZh: text(8_000),
    aboutEn: text(8_000),
  },
  retention: {
    /** How many calendar months of log rows are kept. */
    logMonths: z.int().min(1).max(120),
  },
  scheduling: {
    /** Inside one priority, the account whose usage window resets soonest takes new sessions first. */
    soonestResetFirst: z.boolean(),
  },
  statusPage: {
    /** Can every visitor see the page /status? */
    shown: z.boolean(),
  },
}

/** What is kept of each section; what an older version did not know is absent. */
export const settingsSections = {
  registration: z.object(fields.registration),
  operator: z.object(fields.operator),
  retention: z.object(fields.retention),
  scheduling: z.object(fields.scheduling),
  statusPage: z.object(fields.statusPage),
}
export type SettingsSection = keyof typeof settingsSections
export type Settings = { [S in SettingsSection]: z.output<(typeof settingsSections)[S]> }

export const defaultSettings: Settings = {
  registration: { mode: 'off' },
  operator: { name: null, logo: null, notice: null, aboutZh: null, aboutEn: null },
  retention: { logMonths: 3 },
  scheduling: { soonestResetFirst: false },
  statusPage: { shown: false },
}

export const settingsPatchSchema = z.strictObject({
  registration: z.strictObject(fields.registration).partial().optional(),
  operator: z.strictObject(fields.operator).partial().optional(),
  retention: z.strictObject(fields.retention).partial().optional(),
  scheduling: z.strictObject(fields.scheduling).partial().optional(),
  statusPage: z.strictObject(fields.statusPage).partial().optional(),
})
/** The language that the operator's words are wanted in. */
export const aboutSchema = z.strictObject({ language: z.enum(languages).default('en') })

export type SettingsPatchInput = z.output<typeof settingsPatchSchema>
