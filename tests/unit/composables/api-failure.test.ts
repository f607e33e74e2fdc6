import { FetchError } from 'ofetch'
import { describe, expect, it } from 'vitest'
import { toApiFailure } from '~/composables/api-failure'

const body = { error: { code: 'validation', message: 'cursor is not a cursor of this list.', details: [{ path: 'cursor', message: 'is not a cursor of this list', key: 'errors.cursor' }], requestId: 'req_1' } }

function fetchError(status: number | null, data?: unknown, headers: Record<string, string> = {}): FetchError {
  const error = new FetchError('refused')
  return Object.assign(error, status === null ? {} : { data, response: { status, headers: new Headers(headers) } })
}

describe('what a failed call of the API meant', () => {
  it('is the same in the browser as while the server rendered, where only status and body are passed on', () => {
    const there = toApiFailure(fetchError(400, body))
    const here = toApiFailure(Object.assign(new Error('refused'), { statusCode: 400, data: body }))
    expect(here).toEqual(there)
    expect(here).toMatchObject({ status: 400, code: 'validation', problems: [{ key: 'errors.cursor' }], requestId: 'req_1' })
  })

  it('is offline without an answer, and unexpected with one that is not of the API', () => {
    expect(toApiFailure(fetchError(null))).toMatchObject({ status: 0, code: 'offline' })
    expect(toApiFailure(new TypeError('network'))).toMatchObject({ status: 0, code: 'offline', message: 'TypeError: network' })
    expect(toApiFailure(undefined)).toMatchObject({ status: 0, code: 'offline' })
    expect(toApiFailure(fetchError(502, '<html>'))).toMatchObject({ status: 502, code: 'unexpected' })
  })

  it('keeps how long to wait', () => {
    expect(toApiFailure(fetchError(429, { error: { code: 'rate_limited', message: 'later' } }, { 'retry-after': '7' }))).toMatchObject({ code: 'rate_limited', retryAfter: 7 })
  })
})
