import type { Language } from '#shared/utils/language'
import { languageOf } from '#shared/utils/language'
import { AppError } from '../lib/errors'
import type { Logger } from '../lib/logger'
import type { Mailer } from '../lib/mailer'
import type { SettingsService } from '../settings/service'
import { writeMail, type MailFacts } from './mails'

export interface OutboxDeps {
  mailer: Mailer | null
  settings: Pick<SettingsService, 'current'>
  logger: Logger
}

/** Sends mails to people in the background: an answer neither waits for the mail server nor tells by its time whether a mail went out. */
export function createOutbox({ mailer, settings, logger }: OutboxDeps) {
  const running = new Set<Promise<void>>()

  async function send(given: Mailer, facts: MailFacts): Promise<void> {
    // After the answer of the request that asked for it.
    await new Promise(resolve => setImmediate(resolve))
    await given.send(writeMail(facts))
  }

  return {
    /** Throws `mail_off` when there is no mail server. */
    require(): void {
      if (!mailer) throw new AppError('mail_off', 'This relay sends no mail. Ask an admin.')
    },

    /** Nothing is sent without a mail server. What fails is logged, without the address. */
    post(facts: Omit<MailFacts, 'site' | 'language'> & { language: string | null }, fallback: Language = 'en'): void {
      if (!mailer) return
      const site = settings.current.operator.name ?? 'Claude Code Relay'
      const sending = send(mailer, { ...facts, site, language: facts.language === null ? fallback : languageOf(facts.language, undefined) })
        .catch((error: unknown) => logger.error({ err: error, mail: facts.kind }, 'a mail was not sent'))
        .finally(() => running.delete(sending))
      running.add(sending)
    },

    /** Resolves once nothing is being sent. */
    async stop(): Promise<void> {
      await Promise.all(running)
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>
