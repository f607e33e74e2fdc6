/** `/claude-code` and all below it: the relay, which no middleware may slow down. */
export const isRelayPath = (path: string): boolean => isBelow(path, '/claude-code')

export const isApiPath = (path: string): boolean => isBelow(path, '/api')

/** Files of the build: they need neither request id nor session. */
export const isAssetPath = (path: string): boolean => path.startsWith('/_nuxt/') || path.startsWith('/api/_nuxt_icon/')

const openPaths = ['/api/auth/login', '/api/auth/codes', '/api/auth/sign-in-by-code', '/api/auth/reset-password', '/api/auth/check-invite', '/api/auth/register', '/api/settings/public', '/api/public']

/** API paths that answer without a session. */
export const isOpenPath = (path: string): boolean => openPaths.some(open => isBelow(path, open))

const startPasswordPaths = ['/api/auth/me', '/api/auth/logout', '/api/auth/change-password']

/** API paths that answer while the password must be changed. */
export const isStartPasswordPath = (path: string): boolean => startPasswordPaths.some(open => isBelow(path, open))

export const isBelow = (path: string, parent: string): boolean =>
  path.startsWith(parent) && (path.length === parent.length || path[parent.length] === '/' || path[parent.length] === '?')
