import { describe, expect, test } from 'vitest'
import { renderWords } from '#server/help/markdown'

describe('the operator\'s words', () => {
  test.each([
    ['[a](https://example.com/x?a=1&b=2)', 'https://example.com/x?a=1&amp;b=2'],
    ['[a](http://intranet/wiki)', 'http://intranet/wiki'],
    ['[a](mailto:ops@example.com)', 'mailto:ops@example.com'],
    ['[a](/help/setup#script)', '/help/setup#script'],
    ['[a](#setup)', '#setup'],
    ['[a](terms)', 'terms'],
    ['<https://example.com/y>', 'https://example.com/y'],
  ])('lead by %s', (source, href) => {
    expect(renderWords(source)).toContain(`<a href="${href}" rel="noopener nofollow">`)
  })

  test.each([
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java&#10;script:alert(1)', '&#106;avascript:alert(1)', 'javascript&colon;alert(1)', '<java\tscript:alert(1)>', 'vbscript:x',
    'data:text/html,<script>alert(1)</script>', 'data:image/png;base64,AAAA', 'file:///etc/passwd', '//evil.example/x', '/\\\\evil.example', '\\\\\\\\evil.example', 'ftp://example.com', 'blob:https://example.com/x',
  ])('do not lead by %s', (href) => {
    const html = renderWords(`[the text](${href})`)
    const [, led] = /<a href="([^"]*)"/.exec(html) ?? []
    // What stays a link is read as a path of this server.
    if (led !== undefined) expect(new URL(led.replaceAll('&amp;', '&'), 'https://relay.example/').origin).toBe('https://relay.example')
    expect(html).toContain('the text')
  })

  test.each(['<script>alert(1)</script>', 'a <img src=x onerror=alert(1)> b', '<a href="javascript:alert(1)">x</a>', '<div\nonclick=alert(1)>', '# <b onclick=x>title</b>', '![x" onerror="alert(1)](x)', '`<script>`', '```\n<script>\n```', '| <script> |\n| --- |\n| <svg onload=x> |', '[<img src=x>](https://example.com)', '[a](https://example.com "\\"><script>")'])('hold no HTML of their own: %s', (source) => {
    expect(renderWords(source)).not.toMatch(/<(?:script|img|svg|b )|<[^>]+\son\w+=|href="javascript/i)
  })

  test('have headings below the page\'s own, and no ids', () => {
    expect(renderWords('# One\n\n## Two\n\n### Three\n\n- [x] done')).toMatch(/^<h3>One<\/h3>\n<h3>Two<\/h3>\n<h4>Three<\/h4>\n<ul>\n<li>.*☑ done/)
    expect(renderWords('# One {#id}\n\ntext')).not.toContain(' id=')
  })
})
