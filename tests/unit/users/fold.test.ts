import { expect, test } from 'vitest'
import { fold } from '#server/users/fold'

test.each([[' Ann ', 'ann'], ['ＡＮＮ', 'ann'], ['ZOË', 'zoë'], ['Zoe\u0308', 'zoë'], ['管理员', '管理员']])('%j is compared as %j', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test('folding twice changes nothing', () => {
  for (const text of ['İstanbul', 'ﬁn', 'Straße']) expect(fold(fold(text))).toBe(fold(text))
})
