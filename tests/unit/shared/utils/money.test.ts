import { describe, expect, it } from 'vitest'
import { nanoToUsd, usdToNano } from '#shared/utils/money'
import { fc } from '../../../helpers/property'

describe('money', () => {
  it('comes back from its decimal string exactly', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), nano => usdToNano(nanoToUsd(nano)) === nano))
  })

  it.each([[0, '0'], [1, '0.000000001'], [1_500_000_000, '1.5'], [-20_000_000, '-0.02'], [10_000_000_000, '10'], [2n ** 70n, '1180591620717.411303424']])('%s nano is %s USD', (nano, usd) => {
    expect(nanoToUsd(nano)).toBe(usd)
  })

  it('refuses to print a number that may have lost digits', () => {
    expect(() => nanoToUsd(2 ** 53)).toThrow(RangeError)
    expect(() => nanoToUsd(0.5)).toThrow(RangeError)
  })

  it.each([['1', 1e9], [1, 1e9], ['0.1', 1e8], [0.1, 1e8], [1e-9, 1], [2.5e-7, 250], ['-1.25', -1.25e9], ['1.0000000000', 1e9], [' 3 ', 3e9], ['9007199.254740991', Number.MAX_SAFE_INTEGER], ['-0', 0], [0, 0]])('reads %j', (usd, nano) => {
    expect(usdToNano(usd)).toBe(nano)
  })

  it.each(['', ' ', '.5', '5.', '1,5', '1e3', '0x10', '1.0000000001', 'Infinity', '--1', '1 2', '9007199.254740992', '99999999999999999999', 0.1 + 0.2, 1e-10, 1e21, 1e300, Number.NaN, Infinity, 5e-324])('refuses %j', (usd) => {
    expect(usdToNano(usd)).toBeNull()
  })
})
