import { createHash } from 'node:crypto'

/** Nothing but our own files; `scripts` are the inline ones of a page, by hash. Component libraries set style attributes. */
export function pagePolicy(scripts: readonly string[] = []): string {
  return [
    'default-src \'self\'',
    ['script-src \'self\'', ...scripts].join(' '),
    'style-src \'self\' \'unsafe-inline\'',
    'img-src \'self\' data: blob:',
    'font-src \'self\' data:',
    'connect-src \'self\'',
    'object-src \'none\'',
    'base-uri \'none\'',
    'form-action \'self\'',
    'frame-ancestors \'none\'',
  ].join('; ')
}

/** An API answer is never shown as a page. */
export const apiPolicy = 'default-src \'none\'; frame-ancestors \'none\''

/** A picture that somebody uploaded, opened by itself, loads and runs nothing. */
export const picturePolicy = `${apiPolicy}; sandbox`

const scriptTag = /<script\b([^>]*)>([\s\S]*?)<\/script>/gi

/** Sources for `script-src` of the inline scripts in a piece of HTML. Data blocks (JSON) never run and need none. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(scriptTag)]
    .filter(([, attributes = '']) => !/\ssrc=/i.test(attributes) && !/\stype="?application\/(?:ld\+)?json/i.test(attributes))
    .map(([, , code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`)
}
