import { formatMoney, formatTime } from '#shared/utils/format'
import type { Language } from '#shared/utils/language'
import en from '../../i18n/en.json'
import zh from '../../i18n/zh-CN.json'
import type { Facts, MessageEvent } from './facts'

/** A message in the words of its reader. */
export interface Message {
  /** The same at every attempt. */
  id: string
  event: MessageEvent
  /** When it happened, epoch-ms. */
  at: number
  title: string
  /** Lines of plain text. */
  text: string
  facts: Facts
}

export interface Writing {
  language: Language
  /** Of the times in the text. */
  timeZone: string
  /** Where the console is, when that is known. */
  publicUrl: string | null
}

type Words = Record<string, string | number>
const books = { 'en': en, 'zh-CN': zh }
const pages: Partial<Record<MessageEvent, string>> = {
  limit_near: '/keys', limit_reached: '/keys', account_abnormal: '/accounts', account_normal: '/accounts', pool_unusable: '/accounts', pool_usable: '/accounts',
}

export function writeMessage(id: string, facts: Facts, { language, timeZone, publicUrl }: Writing): Message {
  const { notices, reasons } = books[language]
  const time = (at: number): string => `${formatTime(at, timeZone)} (${timeZone})`
  const reasonOf = (code: string): string => (reasons as Record<string, string>)[code] ?? code
  const pool = (group: { name: string } | null): string => (group ? fill(notices.group, { group: group.name }) : notices.shared)

  function words(): { title: string, lines: (string | null)[] } {
    switch (facts.event) {
      case 'limit_near':
      case 'limit_reached': {
        const { title, text, until, forever } = notices[facts.event]
        const told = { key: facts.key.name, limit: notices.limits[facts.limit], used: formatMoney(facts.usedNano), cap: formatMoney(facts.capNano), percent: percentOf(facts.usedNano, facts.capNano) }
        return { title: fill(title, told), lines: [fill(text, told), facts.resetsAt === null ? forever : fill(until, { time: time(facts.resetsAt) })] }
      }
      case 'account_abnormal': {
        const { title, text, said } = notices.account_abnormal
        return { title: fill(title, { account: facts.account.name }), lines: [facts.reason && fill(text, { reason: reasonOf(facts.reason) }), facts.evidence && fill(said, { evidence: facts.evidence })] }
      }
      case 'account_normal': return { title: fill(notices.account_normal.title, { account: facts.account.name }), lines: [notices.account_normal.text] }
      case 'pool_unusable': {
        const { title, text, back } = notices.pool_unusable
        return { title: fill(title, { pool: pool(facts.group) }), lines: [fill(text, { count: facts.accounts }), facts.backAt === null ? null : fill(back, { time: time(facts.backAt) })] }
      }
      case 'pool_usable': return { title: fill(notices.pool_usable.title, { pool: pool(facts.group) }), lines: [notices.pool_usable.text] }
      case 'journal_growing': return { title: notices.journal_growing.title, lines: [fill(notices.journal_growing.text, { size: mebibytes(facts.bytes), host: facts.host })] }
      case 'journal_booked': return { title: notices.journal_booked.title, lines: [fill(notices.journal_booked.text, { host: facts.host })] }
      case 'task_failed': return { title: fill(notices.task_failed.title, { task: facts.task }), lines: [facts.result] }
      case 'test': return { title: notices.test.title, lines: [notices.test.text] }
    }
  }

  const { title, lines } = words()
  const page = pages[facts.event]
  const link = publicUrl && page ? `${publicUrl.replace(/\/+$/, '')}${page}` : null
  return { id, event: facts.event, at: facts.at, title, text: [...lines, fill(notices.time, { time: time(facts.at) }), link].filter(Boolean).join('\n'), facts }
}

const fill = (text: string, words: Words): string => text.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ''))

/** Rounded down, so that it never says 100 before it is. */
const percentOf = (used: number, cap: number): number => (cap > 0 ? Math.floor(used / cap * 100) : 100)

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
