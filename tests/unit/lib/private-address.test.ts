import { describe, expect, test } from 'vitest'
import { isPrivateUrl, isPublicAddress } from '#server/lib/private-address'

describe('an address outside the public internet is known as one', () => {
  test.each([
    ['this host', '0.0.0.0', '::'],
    ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.255.255'],
    ['link-local, with the metadata of most clouds', '169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
    ['metadata elsewhere', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'],
    ['unique-local and site-local', 'fc00::1', 'fdff::1', 'fec0::1'],
    ['carrier', '100.64.0.1', '100.127.255.255'],
    ['multicast and broadcast', '224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1'],
    ['reserved, documentation, benchmarks', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '3fff::1', '100::1', '4000::1', '5f00::1'],
    ['IPv4 inside IPv6', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '::127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2001::1'],
    ['odd forms', '2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1', '127.1', '0xa9fea9fe'],
    ['no address at all', '', 'localhost', 'example.com', '1.2.3.4.5', '999.1.1.1'],
  ])('%s', (_what, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([])
  })

  test('and public ones are not taken for it', () => {
    const all = ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '169.253.0.1', '193.0.0.1', '223.255.255.255', '2606:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8']
    expect(all.filter(isPublicAddress)).toEqual(all)
  })
})

describe('a URL whose host says that it is private', () => {
  test.each([
    'http://localhost', 'http://LOCALHOST.:80', 'http://a.localhost', 'http://nas.local', 'http://vault.internal', 'http://wiki.intranet', 'http://router.lan', 'http://x.home.arpa', 'http://redis:6379',
    'http://0x7f.1', 'http://2130706433', 'http://0177.0.0.1', 'http://127.1', 'http://127.0.0.1.', 'http://[::1]', 'http://[::ffff:7f00:1]', 'http://[fe80::1]', 'http://①②⑦.0.0.1', 'http://%31%32%37.0.0.1',
    'socks5://0x7f.1:1080', 'socks5h://2130706433', 'socks5://[::1]:1080', 'socks5://localhost:1080',
  ])('%s', (url) => {
    expect(isPrivateUrl(url)).toBe(true)
  })

  test.each(['https://api.anthropic.com', 'https://api.example.com:8443/v1', 'socks5://proxy.example.com:1080', 'https://1.1.1.1', 'http://[2606:4700::1111]', 'https://localhost.example.com'])('not %s', (url) => {
    expect(isPrivateUrl(url)).toBe(false)
  })
})
