import { describe, expect, it } from 'vitest'
import { optionColumns } from '#server/accounts/input'
import claudeConsole from '#server/platforms/claude_console/index'
import openai from '#server/platforms/openai/index'

const stored = (given: Record<string, unknown> | null) => JSON.parse(optionColumns(openai, given).options) as Record<string, unknown>

describe('settings of a platform', () => {
  it('that are left out, or put back, have their defaults', () => {
    expect(stored({ maxOutputTokens: 8_192 })).toMatchObject({ maxOutputTokens: 8_192, maxTokensField: 'max_tokens', streamUsage: true })
    expect(stored(null)).toEqual(stored({}))
  })

  it.each([
    [{ maxTokensField: 'tokens' }, 'options.maxTokensField'],
    [{ maxOutputTokens: 0 }, 'options.maxOutputTokens'],
    [{ unknown: true }, 'options'],
  ])('%j is an error at its field', (given, path) => {
    expect(() => stored(given)).toThrow(new RegExp(`^${path.replace('.', '\\.')}`))
  })

  it('are refused by a platform that has none', () => {
    expect(() => optionColumns(claudeConsole, { streamUsage: true })).toThrow()
    expect(optionColumns(claudeConsole, {}).options).toBe('{}')
  })

  it('every field of the form has its setting, and every setting its field', () => {
    const fields = openai.form.flatMap(({ name }) => name.startsWith('options.') ? [name.slice('options.'.length)] : [])
    expect(fields.sort()).toEqual(Object.keys(stored({})).sort())
    for (const preset of openai.presets!) expect(stored(preset.options)).toEqual(preset.options)
  })
})
