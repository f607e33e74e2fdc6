import { describe, expect, test } from 'vitest'
import { accountCreateSchema, accountPatchSchema } from '#shared/schemas/account'
import { changePasswordSchema, loginSchema } from '#shared/schemas/auth'
import { errorTexts, problemsOf } from '#shared/schemas/errors'
import { groupCreateSchema } from '#shared/schemas/group'
import { keyCreateSchema, keyPatchSchema } from '#shared/schemas/key'
import { logListSchema } from '#shared/schemas/log'
import type { z } from 'zod'
import { settingsPatchSchema } from '#shared/schemas/settings'
import { userPatchSchema } from '#shared/schemas/user'

const problems = (schema: z.ZodType, value: unknown) => {
  const parsed = schema.safeParse(value)
  return parsed.success ? [] : problemsOf(parsed.error).map(({ path, key }) => [path, key])
}
const account = { name: 'a', platform: 'claude_console', credentials: {} }

describe('problems', () => {
  test.each<[string, z.ZodType, unknown, [string, string][]]>([
    ['a missing field', groupCreateSchema, {}, [['name', 'errors.required']]],
    ['an empty field', groupCreateSchema, { name: ' ' }, [['name', 'errors.required']]],
    ['a wrong type', groupCreateSchema, { name: 1 }, [['name', 'errors.type']]],
    ['an unknown field', groupCreateSchema, { name: 'a', nmae: 'b' }, [['nmae', 'errors.unknownField']]],
    ['an unknown field further in', keyCreateSchema, { name: 'a', limits: { dailyEur: 1 } }, [['limits.dailyEur', 'errors.unknownField']]],
    ['a long text', groupCreateSchema, { name: 'x'.repeat(101) }, [['name', 'errors.tooLong']]],
    ['a short key', keyCreateSchema, { name: 'a', key: 'x'.repeat(23) }, [['key', 'errors.tooShort']]],
    ['a key with other characters', keyCreateSchema, { name: 'a', key: `${'x'.repeat(23)}é` }, [['key', 'errors.keyFormat']]],
    ['a fraction', accountCreateSchema, { ...account, priority: 1.5 }, [['priority', 'errors.notInteger']]],
    ['a negative number', accountCreateSchema, { ...account, weight: -1 }, [['weight', 'errors.tooSmall']]],
    ['no address', accountCreateSchema, { ...account, baseUrl: 'api.example.com' }, [['baseUrl', 'errors.url']]],
    ['another scheme', accountCreateSchema, { ...account, baseUrl: 'file:///etc/passwd' }, [['baseUrl', 'errors.url']]],
    ['an address with a login', accountCreateSchema, { ...account, baseUrl: 'https://u:p@example.com' }, [['baseUrl', 'errors.urlLogin']]],
    ['an address with a query', accountCreateSchema, { ...account, baseUrl: 'https://example.com/?a=b' }, [['baseUrl', 'errors.url']]],
    ['a proxy of another kind', accountCreateSchema, { ...account, proxyUrl: 'ftp://example.com' }, [['proxyUrl', 'errors.proxyUrl']]],
    ['a model with a space', keyCreateSchema, { name: 'a', models: ['ok', 'not ok'] }, [['models.1', 'errors.model']]],
    ['an amount in words', keyCreateSchema, { name: 'a', limits: { dailyUsd: 'much' } }, [['limits.dailyUsd', 'errors.money']]],
    ['no amount at all', keyCreateSchema, { name: 'a', limits: { dailyUsd: [] } }, [['limits.dailyUsd', 'errors.money']]],
    ['a negative amount', keyCreateSchema, { name: 'a', limits: { dailyUsd: -1 } }, [['limits.dailyUsd', 'errors.tooSmall']]],
    ['an unknown choice', logListSchema, { outcome: 'fine' }, [['outcome', 'errors.choice']]],
    ['text for a number in a query', logListSchema, { limit: 'many' }, [['limit', 'errors.type']]],
    ['a reversed span', logListSchema, { from: '2', to: '1' }, [['to', 'errors.rangeReversed']]],
    ['an unchanged password', changePasswordSchema, { currentPassword: 'the same one', newPassword: 'the same one' }, [['newPassword', 'errors.passwordSame']]],
    ['a body that is no object', loginSchema, [], [['', 'errors.type']]],
  ])('%s', (_what, schema, value, expected) => {
    expect(problems(schema, value)).toEqual(expected)
  })

  test('speak English with their parameters filled in', () => {
    const parsed = groupCreateSchema.safeParse({ name: 'x'.repeat(101) })
    expect(problemsOf(parsed.error!)).toEqual([{ path: 'name', key: 'errors.tooLong', params: { max: 100 }, message: 'may have at most 100 characters' }])
  })

  test('have no text whose parameter nobody gives', () => {
    const named = Object.entries(errorTexts).filter(([, text]) => text.includes('{')).map(([key]) => key)
    expect(named).toEqual(['errors.type', 'errors.tooShort', 'errors.tooLong', 'errors.tooFew', 'errors.tooMany', 'errors.tooSmall', 'errors.tooBig', 'errors.choice', 'errors.priceFile', 'errors.priceUrl', 'errors.shareMany', 'errors.platform', 'errors.signInRefused', 'errors.signInFailed', 'errors.settingFixed', 'errors.rangeTooLong', 'errors.spanTooLong'])
  })
})

describe('defaults', () => {
  test('of an account', () => {
    expect(accountCreateSchema.parse(account)).toEqual({ ...account, priority: 100, weight: 100, maxConcurrency: 0, models: [], modelMap: {}, options: {}, enabled: true })
  })

  test('never appear in a patch, where absence means unchanged', () => {
    expect(accountPatchSchema.parse({})).toEqual({})
    expect(keyPatchSchema.parse({})).toEqual({})
    expect(userPatchSchema.parse({})).toEqual({})
    expect(settingsPatchSchema.parse({ operator: {}, retention: {} })).toEqual({ operator: {}, retention: {} })
  })

  test('an address loses its trailing slashes and nothing else', () => {
    expect(accountCreateSchema.parse({ ...account, baseUrl: ' https://Example.com/v1/path// ' }).baseUrl).toBe('https://Example.com/v1/path')
  })

  test('null clears in a patch, but not what an object cannot be without', () => {
    expect(accountPatchSchema.parse({ baseUrl: null, priority: null, models: null })).toEqual({ baseUrl: null, priority: null, models: null })
    for (const field of ['name', 'enabled', 'credentials']) expect(problems(accountPatchSchema, { [field]: null })).toEqual([[field, 'errors.type']])
    expect(problems(accountPatchSchema, { platform: 'openai' })).toEqual([['platform', 'errors.unknownField']])
  })
})
