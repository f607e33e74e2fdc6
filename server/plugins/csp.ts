import { setResponseHeader } from 'h3'
import { defineNitroPlugin } from 'nitropack/runtime'
import { inlineScripts, pagePolicy } from '../utils/policy'

/**
 * Allows exactly the inline scripts that Nuxt itself writes: in head and at the ends of the body, never in what the
 * app rendered. By hash and not by nonce, so that a page and its header can be kept together in a cache.
 */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('render:html', ({ head, bodyPrepend, bodyAppend }, { event }) => {
    const hashes = [...head, ...bodyPrepend, ...bodyAppend].flatMap(inlineScripts)
    setResponseHeader(event, 'content-security-policy', pagePolicy([...new Set(hashes)]))
  })
  nitro.hooks.hook('render:response', (response) => {
    delete response.headers?.['x-powered-by']
  })
})
