import type { ReceivedMail } from './smtp'

export interface ReadMail {
  subject: string
  text: string
  html: string
}

/** What a person sees of a mail with a text and an HTML part. */
export function readMail({ text }: Pick<ReceivedMail, 'text'>): ReadMail {
  const { head, body } = split(text)
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1]
  const parts = boundary ? body.split(`--${boundary}`).map(part => split(part.trimStart())) : [{ head, body }]
  const part = (type: string): string => {
    const found = parts.find(each => each.head.toLowerCase().includes(`content-type: ${type}`))
    return found ? decoded(found.body, /content-transfer-encoding: (\S+)/i.exec(found.head)?.[1] ?? '7bit').trim() : ''
  }
  return { subject: subjectOf(head), text: part('text/plain'), html: part('text/html') }
}

const CODE = /\b(\d{4}) (\d{4})\b/

export const bringsCode = (mail: Pick<ReceivedMail, 'text'>): boolean => CODE.test(readMail(mail).text)

/** The eight digits of a mail, as one types them; throws when there are none. */
export function codeIn(mail: Pick<ReceivedMail, 'text'>): string {
  const code = CODE.exec(readMail(mail).text)
  if (!code) throw new Error('the mail brings no code')
  return `${code[1]}${code[2]}`
}

function split(text: string): { head: string, body: string } {
  const at = text.search(/\r?\n\r?\n/)
  return at < 0 ? { head: text, body: '' } : { head: text.slice(0, at).replace(/\r?\n[ \t]+/g, ' '), body: text.slice(at).replace(/^(?:\r?\n){2}/, '') }
}

function decoded(body: string, encoding: string): string {
  if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding.toLowerCase() === 'quoted-printable') return unquoted(body.replace(/=\r?\n/g, ''))
  return body
}

const unquoted = (text: string): string => Buffer.from(text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8')

function subjectOf(head: string): string {
  const raw = /^Subject: (.*)$/m.exec(head)?.[1]?.trim() ?? ''
  const words = raw.replace(/\?=\s+=\?/g, '?==?')
  return words.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : unquoted(text.replaceAll('_', ' ')))
}
