import { scryptSync } from 'node:crypto'
import type { Actor } from '#server/users/actor'
import type { Origin, Session } from '#server/users/sessions'
import { openDomain, type Domain } from './domain'
import { codeIn, readMail, type ReadMail } from './mail'
import { startSmtp, type TestSmtp } from './smtp'

export const password = 'correct horse battery'
/** A stored hash of the lowest cost, so that many guesses are quick. */
export const passwordHash = `$scrypt$ln=1,r=1,p=1$${unpadded(Buffer.alloc(16))}$${unpadded(scryptSync(password, Buffer.alloc(16), 32, { N: 2, r: 1, p: 1 }))}`
export const origin: Origin = { ip: '192.0.2.7', userAgent: 'test' }

/** The services with a real mail server, an admin, and a way to read what was sent. */
export interface People extends Domain {
  smtp: TestSmtp
  admin: Actor
  /** A user with `password`, and an address of the same name. */
  addPerson(username: string, given?: Partial<Parameters<Domain['addUser']>[0]>): Promise<Actor>
  sessionOf(username: string): Promise<Session>
  /** Mails to an address, once all that is on its way has arrived. */
  mailsTo(address: string): Promise<ReadMail[]>
  /** The code in the last mail to an address. */
  codeFor(address: string): Promise<string>
}

export async function openPeople(env: Record<string, string> = {}): Promise<People> {
  const smtp = await startSmtp()
  const domain = await openDomain({ SMTP_HOST: smtp.settings.host, SMTP_PORT: String(smtp.settings.port), SMTP_FROM: smtp.settings.from, ...env })
  const admin = await domain.addUser({ username: 'chief', role: 'admin', passwordHash })
  const received = async (address: string) => {
    await domain.services.outbox.stop()
    return smtp.mails.filter(mail => mail.to.includes(address))
  }
  return {
    ...domain, smtp, admin,
    addPerson: (username, given = {}) => domain.addUser({ username, passwordHash, email: `${username}@example.com`, locale: 'en', ...given }),
    async sessionOf(username) {
      const { token } = await domain.services.users.signIn({ username, password }, origin)
      return (await domain.services.sessions.find(token))!
    },
    mailsTo: async address => (await received(address)).map(readMail),
    codeFor: async address => codeIn((await received(address)).at(-1)!),
    async close() {
      await domain.services.outbox.stop()
      await domain.close()
      await smtp.close()
    },
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
