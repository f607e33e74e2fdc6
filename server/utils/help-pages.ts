import { getCookie, getRequestHeader, type H3Event } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { createPageCache, type RenderedPage } from '#server/help/page-cache'
import { useRuntime } from '#server/runtime'
import { languageOf } from '#shared/utils/language'
import { useHelp } from './help'

/** All pages in both languages for some ten addresses. */
const pages = createPageCache({ maxBytes: 16 * 1024 * 1024 })

/** Longer names of a host are no one's. */
const MAX_ORIGIN = 300

/**
 * The page of the help that is asked for, rendered once per path, language and address of this server; null when it is none,
 * or one that is asked for with a query. Whoever asks first leaves nothing in it: it is rendered for a visitor without cookies.
 */
export async function helpPageFor(event: H3Event): Promise<RenderedPage | null> {
  const slug = /^\/help(?:\/([\w-]+))?$/.exec(event.path)
  const { origin = '' } = event.context
  if (!slug || slug[1] === 'index' || event.context.isHelpRendering || origin.length > MAX_ORIGIN) return null
  const language = languageOf(getCookie(event, 'relay-lang'), getRequestHeader(event, 'accept-language'))
  if (!await useHelp().has(language, slug[1] ?? 'index')) return null
  const key = JSON.stringify([event.path, language, origin, useRuntime().services.settings.public()])
  return await pages.get(key, () => render(event.path, language, origin))
}

async function render(path: string, language: string, origin: string): Promise<RenderedPage | null> {
  const answer = await useNitroApp().localFetch(path, {
    headers: { 'accept': 'text/html', 'accept-language': language },
    context: { _platform: { origin, isHelpRendering: true } },
  })
  if (answer.status !== 200) return null
  return { body: Buffer.from(await answer.arrayBuffer()), policy: answer.headers.get('content-security-policy') ?? '' }
}
