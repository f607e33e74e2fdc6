import { describe, expect, it } from 'vitest'
import { createClientIp, createIpMatcher, isIpRange } from '#server/lib/client-ip'

describe('client address', () => {
  it.each<[string, string[], string | undefined, string | undefined, string]>([
    ['no proxy is trusted: a forged header is ignored', [], '203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['the peer is no trusted proxy: a forged header is ignored', ['10.0.0.1'], '203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['a trusted proxy reports the client', ['10.0.0.1'], '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a client forges entries left of its own', ['10.0.0.1'], '10.0.0.1', '127.0.0.1, 8.8.8.8, 203.0.113.9', '203.0.113.9'],
    ['a client forges a trusted proxy in the middle', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['two trusted hops', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['all hops are trusted: the farthest', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['a trusted proxy sends nothing', ['10.0.0.1'], '10.0.0.1', undefined, '10.0.0.1'],
    ['a trusted proxy sends an empty header', ['10.0.0.1'], '10.0.0.1', '', '10.0.0.1'],
    ['garbage ends the walk', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, unknown, 10.0.0.2', '10.0.0.2'],
    ['an empty entry ends the walk', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.9,, 10.0.0.2', '10.0.0.2'],
    ['octal and short notations are garbage', ['10.0.0.0/8'], '10.0.0.1', '012.0.0.1', '10.0.0.1'],
    ['a script in the header is garbage', ['10.0.0.0/8'], '10.0.0.1', '<script>', '10.0.0.1'],
    ['ports are dropped', ['loopback'], '127.0.0.1', '203.0.113.9:5123', '203.0.113.9'],
    ['bracketed IPv6 with a port', ['loopback'], '::1', '[2001:DB8::1]:443', '2001:db8::1'],
    ['bare IPv6 is not cut at its last colon', ['loopback'], '::1', '2001:db8::1', '2001:db8::1'],
    ['the peer is IPv4 mapped into IPv6', ['10.0.0.0/8'], '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a range is IPv4 mapped into IPv6', ['::ffff:10.0.0.0/104'], '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['the word loopback', ['loopback'], '127.8.8.8', '203.0.113.9', '203.0.113.9'],
    ['loopback is not private', ['private'], '127.0.0.1', '203.0.113.9', '127.0.0.1'],
    ['private is not public', ['private'], '172.32.0.1', '203.0.113.9', '172.32.0.1'],
    ['the word private, IPv4', ['private'], '172.31.0.1', '203.0.113.9', '203.0.113.9'],
    ['the word private, IPv6', ['private'], 'fd00::1', '203.0.113.9', '203.0.113.9'],
    ['a zone is dropped', ['private'], 'fe80::1%eth0', undefined, 'fe80::1'],
    ['IPv4 ranges do not hold IPv6', ['0.0.0.0/0'], '2001:db8::1', '203.0.113.9', '2001:db8::1'],
    ['one spelling for an address', [], '2001:0DB8:0000::0001', undefined, '2001:db8::1'],
    ['a peer without an address', ['0.0.0.0/0'], undefined, '203.0.113.9', ''],
  ])('%s', (_, trusted, remote, forwardedFor, expected) => {
    expect(createClientIp(trusted)(remote, forwardedFor)).toBe(expected)
  })

  it.each(['', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '::/129', 'localhost', 'example.com', '10.0.0', '1.2.3.4/8/8', 'PRIVATE'])('refuses %j as a trusted proxy', (entry) => {
    expect(() => createClientIp([entry])).toThrow(`"${entry}"`)
    expect(isIpRange(entry)).toBe(false)
  })

  it('walks a very long header', () => {
    expect(createClientIp(['10.0.0.0/8'])('10.0.0.1', `203.0.113.9, ${Array.from({ length: 2000 }, () => '10.0.0.2').join(', ')}`)).toBe('203.0.113.9')
  })
})

describe('address list', () => {
  it('matches addresses and ranges, never garbage', () => {
    const isAllowed = createIpMatcher(['203.0.113.9', '198.51.100.0/24', '2001:db8::/32'])
    expect(['203.0.113.9', '::ffff:198.51.100.7', '2001:db8:1::2'].map(isAllowed)).toEqual([true, true, true])
    expect(['203.0.113.10', '2001:db9::1', '', 'x'].map(isAllowed)).toEqual([false, false, false, false])
    expect(isIpRange('198.51.100.0/24')).toBe(true)
  })
})
