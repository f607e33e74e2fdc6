import { setResponseHeaders, type H3Event } from 'h3'
import { notFound } from '#server/lib/errors'
import { fillScript } from '#server/help/script'
import { readContent } from './help'
import { originOf } from './peer'

/** A set-up script of `content/setup` with this server's address in it. */
export async function sendSetupScript(event: H3Event, name: 'setup.sh' | 'setup.ps1'): Promise<string> {
  const text = await fillScript(name, originOf(event), file => readContent(`setup/${file}`))
  if (text === null) throw notFound('script')
  setResponseHeaders(event, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'vary': 'host, x-forwarded-host, x-forwarded-proto',
    'x-content-type-options': 'nosniff',
  })
  return text
}
