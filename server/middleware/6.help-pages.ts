import { defineEventHandler, setResponseHeaders } from 'h3'
import { helpPageFor } from '../utils/help-pages'
import { isBelow } from '../utils/paths'

/** Answers with a page of the help that has been rendered before, so that reading it costs running streams nothing. */
export default defineEventHandler(async (event) => {
  if (!isBelow(event.path, '/help') || (event.method !== 'GET' && event.method !== 'HEAD')) return
  const page = await helpPageFor(event)
  if (!page) return
  setResponseHeaders(event, {
    'content-type': 'text/html;charset=utf-8',
    'content-security-policy': page.policy,
    'cache-control': 'private, no-cache',
    'vary': 'accept-language, cookie, host, x-forwarded-host, x-forwarded-proto',
  })
  return page.body
})
