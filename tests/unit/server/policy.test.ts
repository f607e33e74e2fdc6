import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { inlineScripts, pagePolicy } from '#server/utils/policy'

const hash = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`

test('each inline script is allowed by the hash of exactly its text', () => {
  const html = '<script>window.a = 1\n</script><link rel="x"><script type="module" data-x="1">b()</script>'
  expect(inlineScripts(html)).toEqual([hash('window.a = 1\n'), hash('b()')])
})

test('scripts with an address and data blocks are not', () => {
  expect(inlineScripts('<script src="/x.js"></script><script type="application/json" id="d">{"a":1}</script><script type="application/ld+json">{}</script>')).toEqual([])
})

test('no page may run scripts that stand in its text', () => {
  const policy = pagePolicy([hash('x')])
  const [scripts] = policy.split('; ').filter(part => part.startsWith('script-src'))
  expect(scripts).toBe(`script-src 'self' ${hash('x')}`)
  expect(policy).not.toContain('unsafe-eval')
  expect(policy).toContain('frame-ancestors \'none\'')
})
