import type { z } from 'zod'
import type { AppErrorCode } from '../lib/errors'

/** English and Chinese. */
export type Words = readonly [en: string, zh: string]

/** What the document says of one call. */
export interface RouteDoc {
  says: Words
  query?: z.ZodType
  body?: z.ZodType
  /** Instead of `body`: the body is a file. */
  upload?: true
  /** Null: 204 without a body. `file`: CSV or JSON to be saved. `events`: server-sent events. */
  answer: z.ZodType | ListAnswer | 'file' | 'events' | null
  /** Of success; default 200, or 204 without an answer. */
  status?: 201 | 202
  /** Besides those that any call of its kind can have. */
  errors?: readonly AppErrorCode[]
  /** Answers without a session. */
  open?: true
  /** Of the relay: asks for an API key in place of a session. */
  key?: true
}

export interface ListAnswer { listOf: z.ZodType }

/** `{ items, nextCursor }` */
export const listOf = (item: z.ZodType): ListAnswer => ({ listOf: item })

/** By `METHOD /api/path`, as the documentation writes it. */
export type RouteDocs = Readonly<Record<string, RouteDoc>>
