import { createTransport } from 'nodemailer'

/** The mail server, as the environment names it. */
export interface SmtpSettings {
  host: string
  port: number
  user: string | null
  password: string | null
  /** Sender: an address, or `Name <address>`. */
  from: string
}

export interface Mail {
  to: string
  subject: string
  text: string
  /** The same for readers that show it. */
  html?: string
}

/** Sends mail. */
export interface Mailer {
  /** Resolves to what the server said when it took the mail; rejects with its refusal or what kept it from answering. */
  send(mail: Mail): Promise<string>
}

export interface MailerOptions {
  /** Certificates to trust besides the system's own, PEM. */
  ca?: string
  timeoutMs?: number
}

const TIMEOUT_MS = 15_000
const TLS_PORT = 465

/** Port 465 speaks TLS from the start, others turn to it when the server offers it. A password is only ever sent over TLS, with the certificate verified. */
export function createMailer({ host, port, user, password, from }: SmtpSettings, { ca, timeoutMs = TIMEOUT_MS }: MailerOptions = {}): Mailer {
  const transport = createTransport({
    host,
    port,
    secure: port === TLS_PORT,
    requireTLS: user !== null,
    ...user === null ? {} : { auth: { user, pass: password ?? '' } },
    ...ca === undefined ? {} : { tls: { ca } },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text, html }) {
      const { response } = await transport.sendMail({ from, to, subject, text, ...html === undefined ? {} : { html } })
      return response
    },
  }
}
