import { describe, expect, it } from 'vitest'
import { parseSpan, scanTopLevel } from '#server/lib/json-scan'
import { fc, runs } from '../../helpers/property'

const latin1 = (json: string): string => Buffer.from(json, 'utf8').toString('latin1')

function fieldsOf(json: string): Record<string, unknown> | null {
  const text = latin1(json)
  const scan = scanTopLevel(text)
  return scan.ok ? Object.fromEntries([...scan.fields].map(([key, span]) => [key, parseSpan(text, span)])) : null
}

/** Sorted by key alone: a value may have a `toString` of its own that is no function. */
const byKey = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))

describe('scanTopLevel', () => {
  it('finds the same keys and values as JSON.parse, whatever the nesting, the escapes and the spaces', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
    fc.assert(fc.property(object, fc.constantFrom('', ' ', '\t\n'), (value, indent) => {
      const json = JSON.stringify(value, null, indent)
      expect(byKey(fieldsOf(json) ?? {})).toEqual(byKey(JSON.parse(json) as object))
    }), runs(500))
  })

  it('gives byte offsets, so that a value can be spliced in the original bytes', () => {
    const body = Buffer.from('{"système":"é€😀","model":"a","x":1}')
    const scan = scanTopLevel(body.toString('latin1'))
    const [start, end] = scan.ok ? scan.fields.get('model') ?? [0, 0] : [0, 0]
    expect(body.subarray(start, end).toString()).toBe('"a"')
  })

  it('takes the last of repeated keys, also when one is written with escapes', () => {
    expect(fieldsOf('{"model":"a","mod\\u0065l":"b"}')).toEqual({ model: 'b' })
  })

  it.each([
    ['\\\\', '{"a":"\\\\","b":1}'],
    ['\\"', '{"a":"\\"}","b":1}'],
    ['brackets in strings', '{"a":["}","]"],"b":1}'],
    ['__proto__', '{"__proto__":{"x":1},"b":1}'],
  ])('is not misled by %s', (_name, json) => {
    expect(fieldsOf(json)?.b).toBe(1)
  })

  it.each([
    '', ' ', 'null', '1', '"a"', '[]', '{', '{]', '{"a"', '{"a":', '{"a":}', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '{"a" 1}', '{"a":1 "b":2}', '{a:1}',
    '{\'a\':1}', '{"a":1}}', '{"a":1}x', '{"a":"x}', '{"a":"x\\"}', '{"a":[}}', '{"a":{]}', '{"a":[1}', '{"a":tru}', '{"a":01}', '{"a":+1}', '{"a":1.}', '{"a":NaN}',
    '{"\\x":1}', '\uFEFF{}', `{"a":${'1'.repeat(100)}}`,
  ])('refuses %j', (json) => {
    expect(fieldsOf(json)).toBeNull()
  })

  it('never accepts what JSON.parse refuses when a top-level byte is cut or changed', () => {
    const scalars = fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.oneof(fc.boolean(), fc.integer(), fc.constant(null)))
    fc.assert(fc.property(scalars, fc.nat(), fc.constantFrom('', '"', ',', ':', '}', '{', '[', '0', ' ', 'x'), (value, at, other) => {
      const json = JSON.stringify(value)
      const cut = at % json.length
      const changed = json.slice(0, cut) + other + json.slice(cut + 1)
      let parsed: unknown = null
      try {
        parsed = JSON.parse(changed)
      }
      catch {
        expect(fieldsOf(changed)).toBeNull()
        return
      }
      expect(fieldsOf(changed)).toEqual(parsed)
    }), runs(2000))
  })

  it('does not recurse: a deep nest neither throws nor is refused', () => {
    const deep = `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"b":2}`
    const scan = scanTopLevel(deep)
    expect(scan.ok && scan.fields.has('b')).toBe(true)
  })

  it('says where it stopped', () => {
    expect(scanTopLevel('{"a":1;')).toEqual({ ok: false, at: 6, reason: 'a comma or the end of the object is expected' })
  })
})
