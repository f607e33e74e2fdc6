import { expect, test } from 'vitest'
import { isApiPath, isAssetPath, isOpenPath, isRelayPath, isStartPasswordPath } from '#server/utils/paths'

test.each(['/api/auth/login', '/api/auth/codes', '/api/auth/sign-in-by-code', '/api/auth/reset-password', '/api/auth/register', '/api/auth/check-invite', '/api/settings/public', '/api/settings/public?x=1', '/api/public/key-stats'])('%s answers strangers', (path) => {
  expect(isOpenPath(path)).toBe(true)
})

test.each(['/api/auth/loginx', '/api/auth/me', '/api/auth/change-password', '/api/profile/email', '/api/sessions', '/api/admin/settings', '/api/settings', '/api/publicity', '/api/auth/login%2f..', '/api'])('%s does not', (path) => {
  expect(isOpenPath(path)).toBe(false)
})

test('the relay is told from pages of a similar name', () => {
  expect(['/claude-code', '/claude-code?x', '/claude-code/v1/messages'].every(isRelayPath)).toBe(true)
  expect(['/claude-codex', '/claude', '/'].some(isRelayPath)).toBe(false)
})

test('below /api only icons count as files', () => {
  expect(isAssetPath('/api/_nuxt_icon/lucide.json?icons=x')).toBe(true)
  expect(isAssetPath('/api/_nuxt_iconx')).toBe(false)
  expect(isApiPath('/apix')).toBe(false)
})

test('a start password opens three paths', () => {
  expect(['/api/auth/me', '/api/auth/logout', '/api/auth/change-password'].every(isStartPasswordPath)).toBe(true)
  expect(['/api/keys', '/api/auth/login', '/api/auth/mex'].some(isStartPasswordPath)).toBe(false)
})
