import { describe, expect, test } from 'vitest'
import { languages } from '#shared/utils/language'
import { writeMail, type MailKind } from '#server/users/mails'
import en from '~/i18n/en.json'

const kinds = Object.keys(en.mails.kinds) as MailKind[]
const withCode: MailKind[] = ['sign_in', 'reset_password', 'register', 'change_email']
const facts = { to: 'ann@example.com', site: 'Example', username: 'ann', minutes: 10 }

describe.each(languages)('mails in %s', (language) => {
  test.each(kinds)('%s says who it is from and leaves nothing unfilled, in both forms', (kind) => {
    const code = withCode.includes(kind) ? '12345678' : undefined
    const { to, subject, text, html } = writeMail({ ...facts, kind, language, code })
    expect(to).toBe(facts.to)
    for (const part of [subject, text, html!]) {
      expect(part).toContain('Example')
      expect(part).not.toMatch(/[{}]/)
    }
    for (const part of [text, html!]) {
      expect(part.includes('1234 5678')).toBe(code !== undefined)
      expect(part).toContain('ann')
    }
    expect(text).not.toContain('<')
  })
})

test('a mail to somebody without a user greets without a name', () => {
  expect(writeMail({ ...facts, username: undefined, kind: 'register', language: 'en', code: '12345678' }).text).toMatch(/^Hello,/)
})
