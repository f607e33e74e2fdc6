import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SmtpSettings } from '#server/lib/mailer'

/** The certificate that a test server with `tls` shows; made for localhost and 127.0.0.1. */
export const testCertificate = readFileSync(new URL('../fixtures/tls/cert.pem', import.meta.url), 'utf8')
const testKey = readFileSync(new URL('../fixtures/tls/key.pem', import.meta.url), 'utf8')

export interface ReceivedMail {
  from: string
  to: string[]
  user: string | undefined
  secure: boolean
  /** Headers and body as they came. */
  text: string
}

/** A real mail server that keeps what it gets. */
export interface TestSmtp {
  settings: SmtpSettings
  mails: ReceivedMail[]
  close(): Promise<void>
}

export interface TestSmtpOptions {
  /** Offers STARTTLS with {@link testCertificate}. */
  tls?: boolean
  login?: { user: string, password: string }
  /** Text of a refusal of every recipient. */
  refuse?: string
}

export async function startSmtp({ tls = false, login, refuse }: TestSmtpOptions = {}): Promise<TestSmtp> {
  const mails: ReceivedMail[] = []
  const options: SMTPServerOptions = {
    logger: false,
    authOptional: !login,
    disabledCommands: [...tls ? [] : ['STARTTLS'], ...login ? [] : ['AUTH']],
    ...tls ? { key: testKey, cert: testCertificate } : {},
    onAuth: ({ username, password }, _, done) => (username === login?.user && password === login?.password ? done(null, { user: username }) : done(new Error('wrong login'))),
    onRcptTo: (_, __, done) => (refuse ? done(Object.assign(new Error(refuse), { responseCode: 550 })) : done()),
    async onData(stream, session, done) {
      let text = ''
      for await (const part of stream) text += String(part)
      const { mailFrom, rcptTo } = session.envelope
      mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), user: session.user, secure: session.secure, text })
      done()
    },
  }
  const server = new SMTPServer(options)
  const listener = server.listen(0, '127.0.0.1')
  if (!listener.listening) await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    settings: { host: '127.0.0.1', port, user: login?.user ?? null, password: login?.password ?? null, from: 'Relay <relay@example.com>' },
    mails,
    close: () => new Promise(resolve => server.close(resolve)),
  }
}
