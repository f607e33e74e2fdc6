import { describe, expect, it } from 'vitest'
import { allowsModel, matchesPattern } from '#shared/utils/model-pattern'

describe('model patterns', () => {
  it.each([
    ['claude-sonnet-5-5', 'claude-sonnet-5-5', true],
    ['claude-sonnet-5-5', 'claude-sonnet-5', false],
    ['claude-sonnet-*', 'claude-sonnet-5-5', true],
    ['claude-sonnet-*', 'claude-opus-5-5', false],
    ['claude-*-haiku-*', 'claude-3-5-haiku-20241022', true],
    ['claude-*-haiku-*', 'claude-haiku-5-5', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['*ab*ab*', 'xabx', false],
    ['Claude-*', 'claude-x', false],
    ['glm.4*', 'glm-4', false],
  ])('%s on %s: %s', (pattern, model, expected) => {
    expect(matchesPattern(pattern, model)).toBe(expected)
  })

  it('allows everything with an empty list only', () => {
    expect(allowsModel([], 'm')).toBe(true)
    expect(allowsModel(['a', 'b*'], 'bc')).toBe(true)
    expect(allowsModel(['a'], 'm')).toBe(false)
  })
})
