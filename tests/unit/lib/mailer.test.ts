import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ConfigError, readConfig } from '#server/config'
import { createMailer } from '#server/lib/mailer'
import { startSmtp, testCertificate, type TestSmtp, type TestSmtpOptions } from '../../helpers/smtp'

const mail = { to: 'ann@example.org', subject: 'Ein Gruß 你好', text: 'line one\nline two\n.\nlast' }
const login = { user: 'relay', password: 'a mail password' }
let smtp: TestSmtp | undefined

const start = async (options?: TestSmtpOptions) => smtp = await startSmtp(options)
afterEach(async () => {
  await smtp?.close()
  smtp = undefined
})

test('a mail arrives whole, from the sender that was set', async () => {
  const { settings, mails } = await start()
  expect(await createMailer(settings).send(mail)).toMatch(/^250/)
  expect(mails).toMatchObject([{ from: 'relay@example.com', to: [mail.to], secure: false }])
  expect(mails[0]!.text).toContain('From: Relay <relay@example.com>')
  expect(mails[0]!.text).toContain('line two')
})

test('the password goes over TLS only: a server without it is refused before the login', async () => {
  const { settings, mails } = await start({ login })
  await expect(createMailer(settings).send(mail)).rejects.toThrow()
  expect(mails).toEqual([])
})

test('with TLS the login works', async () => {
  const { settings, mails } = await start({ login, tls: true })
  await createMailer(settings, { ca: testCertificate }).send(mail)
  expect(mails).toMatchObject([{ user: login.user, secure: true }])
})

test('a certificate that nobody vouches for is refused', async () => {
  const { settings, mails } = await start({ login, tls: true })
  await expect(createMailer(settings).send(mail)).rejects.toThrow(/certificate/i)
  expect(mails).toEqual([])
})

test('a wrong password is refused, without being told', async () => {
  const { settings } = await start({ login, tls: true })
  const sent = createMailer({ ...settings, password: 'not-the-password' }, { ca: testCertificate }).send(mail)
  await expect(sent).rejects.toMatchObject({ code: 'EAUTH', message: expect.not.stringContaining('not-the-password') as string })
})

test('a refused recipient is an error with the server\'s words', async () => {
  const { settings } = await start({ refuse: 'no such mailbox' })
  await expect(createMailer(settings).send(mail)).rejects.toMatchObject({ message: expect.stringContaining('no such mailbox') as string })
})

test('a server that says nothing is given up', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const settings = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, user: null, password: null, from: 'a@example.com' }
  await expect(createMailer(settings, { timeoutMs: 30 }).send(mail)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  silent.close()
})

test('a line break in a subject makes no header', async () => {
  const { settings, mails } = await start()
  await createMailer(settings).send({ ...mail, subject: 'x\r\nBcc: eve@example.net' })
  expect(mails[0]!.to).toEqual([mail.to])
  expect(mails[0]!.text).not.toMatch(/^Bcc:/m)
})

test('the environment makes the settings', () => {
  expect(readConfig({}).smtp).toBeNull()
  expect(readConfig({ SMTP_HOST: 'mail.example.com', SMTP_USER: 'a@example.com', SMTP_PASSWORD: 'x' }).smtp).toEqual({ host: 'mail.example.com', port: 587, user: 'a@example.com', password: 'x', from: 'a@example.com' })
  expect(readConfig({ SMTP_HOST: 'mail.example.com', SMTP_PORT: '25', SMTP_FROM: 'Relay <r@example.com>' }).smtp).toEqual({ host: 'mail.example.com', port: 25, user: null, password: null, from: 'Relay <r@example.com>' })
})

test('a mail server without a sender is told at the start', () => {
  expect(() => readConfig({ SMTP_HOST: 'mail.example.com', SMTP_USER: 'relay' })).toThrow(ConfigError)
  expect(() => readConfig({ SMTP_HOST: 'mail.example.com', SMTP_FROM: 'no address' })).toThrow(/SMTP_FROM/)
})
