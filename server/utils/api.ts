import { defineEventHandler, getQuery, getRequestHeader, getRouterParam, readRawBody, setResponseStatus, type H3Event } from 'h3'
import type { z } from 'zod'
import { problemsOf } from '#shared/schemas/errors'
import type { ApiError } from '#shared/types/api'
import { AppError, invalid, notFound } from '#server/lib/errors'
import { answerError } from './api-error'
import { isApiPath, isAssetPath } from './paths'

const MAX_BODY_BYTES = 1024 * 1024

/** A handler or guard of the JSON API: whatever it throws becomes an answer of the one error shape. */
export function defineApi<T>(handler: (event: H3Event) => T | Promise<T>) {
  return defineEventHandler(async (event): Promise<T | ApiError> => {
    try {
      return await handler(event)
    }
    catch (error) {
      return answerError(event, error)
    }
  })
}

/** The same for middleware: runs below /api only and costs other paths nothing. */
export function defineApiGuard(guard: (event: H3Event) => void | Promise<void>) {
  const guarded = defineApi(guard)
  return defineEventHandler(event => (isApiPath(event.path) && !isAssetPath(event.path) ? guarded(event) : undefined))
}

/** The JSON body, checked. Throws `validation` naming the fields, or says what is wrong with the body as a whole. */
export async function readInput<T extends z.ZodType>(event: H3Event, schema: T, maxBytes = MAX_BODY_BYTES): Promise<z.output<T>> {
  return checked(schema, await readJson(event, maxBytes))
}

/** The query string, checked like a body. */
export function readFilter<T extends z.ZodType>(event: H3Event, schema: T): z.output<T> {
  return checked(schema, getQuery(event))
}

/** The path's `:id`. What cannot be an id is not found. */
export function idOf(event: H3Event, what: string, name = 'id'): string {
  const id = getRouterParam(event, name)
  if (!id || !/^[\w-]{1,128}$/.test(id)) throw notFound(what)
  return id
}

export function created<T>(event: H3Event, answer: T): T {
  setResponseStatus(event, 201)
  return answer
}

/** What was asked for goes on after the answer. */
export function accepted<T>(event: H3Event, answer: T): T {
  setResponseStatus(event, 202)
  return answer
}

/** The answer without a body. */
export function noContent(event: H3Event): null {
  setResponseStatus(event, 204)
  return null
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalid(problemsOf(parsed.error))
  return parsed.data
}

/** The JSON body as its bytes, unparsed. */
export async function readBytes(event: H3Event, maxBytes: number): Promise<Buffer> {
  checkBody(event, maxBytes)
  const bytes = await readRawBody(event, false)
  requireJson(event)
  return bytes ?? Buffer.alloc(0)
}

function checkBody(event: H3Event, maxBytes: number): void {
  const length = getRequestHeader(event, 'content-length')
  if (length === undefined && getRequestHeader(event, 'transfer-encoding') !== undefined) throw new AppError('length_required', 'Send the body with a content-length.')
  if (Number(length ?? 0) > maxBytes) throw new AppError('body_too_large', `The body may have at most ${maxBytes} bytes.`)
}

function requireJson(event: H3Event): void {
  if (!/^application\/json\b/i.test(getRequestHeader(event, 'content-type') ?? '')) throw new AppError('media_type', 'Send the body as application/json.')
}

/** An empty body counts as `{}`. */
async function readJson(event: H3Event, maxBytes: number): Promise<unknown> {
  checkBody(event, maxBytes)
  const text = await readRawBody(event)
  if (!text) return {}
  requireJson(event)
  try {
    return JSON.parse(text) as unknown
  }
  catch (cause) {
    throw new AppError('body_invalid', 'The body is not JSON.', { cause })
  }
}
