import { escapeHtml } from '#shared/utils/escape-html'
import type { Language } from '#shared/utils/language'
import en from '../../i18n/en.json'
import zh from '../../i18n/zh-CN.json'
import type { Mail } from '../lib/mailer'

const books = { 'en': en, 'zh-CN': zh }

/** What a mail is about. The first four bring a code. */
export type MailKind = keyof typeof en.mails.kinds

export interface MailFacts {
  kind: MailKind
  to: string
  language: Language
  /** The operator's name, or the product's. */
  site: string
  /** Eight digits. */
  code?: string
  minutes?: number
  username?: string
}

/** A mail in the words of its reader, as plain text and as simple HTML. */
export function writeMail({ kind, to, language, site, code, minutes = 0, username = '' }: MailFacts): Mail {
  const { kinds, greeting, hello, validFor, ignore, sign } = books[language].mails
  const words = { site, username, minutes }
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name as keyof typeof words] ?? ''))
  const { subject, text } = kinds[kind]
  const shown = code && `${code.slice(0, 4)} ${code.slice(4)}`
  const before = [fill(username ? greeting : hello), fill(text)]
  const after = [shown ? fill(validFor) : '', shown ? fill(ignore) : '', fill(sign)].filter(Boolean)
  const paragraphs = (lines: string[]): string => lines.map(line => `<p>${escapeHtml(line)}</p>`).join('\n')
  const html = [
    `<!doctype html>\n<html lang="${language}">\n<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; color: #1f2329">`,
    paragraphs(before),
    ...shown ? [`<p style="font-size: 28px; font-weight: bold; letter-spacing: 2px">${shown}</p>`] : [],
    paragraphs(after),
    '</body>\n</html>',
  ].join('\n')
  return { to, subject: fill(subject), text: [...before, ...shown ? [shown] : [], ...after].join('\n\n'), html }
}
