import { setResponseHeaders, type H3Event } from 'h3'
import { notFound } from '#server/lib/errors'
import { readContent } from './help'
import { originOf } from './peer'

/** A set-up script of `content/setup` with this server's address in it. */
export async function sendSetupScript(event: H3Event, name: 'setup.sh' | 'setup.ps1'): Promise<string> {
  const text = await readContent(`setup/${name}`)
  if (text === null) throw notFound('script')
  setResponseHeaders(event, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' })
  return text.replaceAll('{{url}}', () => originOf(event))
}
