import { z } from 'zod'
import type { AccountRow } from '../db/repos/accounts'
import type { Sealer } from '../lib/seal'
import { credentialsContext, proxyContext } from './sealed'

const record = z.record(z.string(), z.unknown())

type Sealed = Pick<AccountRow, 'id' | 'credentials' | 'proxyUrl'>

export const sealCredentials = (sealer: Sealer, id: string, credentials: Record<string, unknown>): string =>
  sealer.seal(JSON.stringify(credentials), credentialsContext(id))

/** Throws SealError when it was sealed under another key or for another account. */
export const openCredentials = (sealer: Sealer, row: Sealed): Record<string, unknown> =>
  record.parse(JSON.parse(sealer.open(row.credentials, credentialsContext(row.id))))

export const sealProxyUrl = (sealer: Sealer, id: string, url: string): string => sealer.seal(url, proxyContext(id))

/** Throws SealError like {@link openCredentials}. */
export const openProxyUrl = (sealer: Sealer, row: Sealed): string | null =>
  row.proxyUrl === null ? null : sealer.open(row.proxyUrl, proxyContext(row.id))

/** The end of the main secret, to recognise it by; null when it is too short to show a part of. */
export function credentialsHint(credentials: Record<string, unknown>): string | null {
  const secret = [credentials.apiKey, credentials.refreshToken, credentials.accessToken].find(value => typeof value === 'string')
  return typeof secret === 'string' && secret.length >= 16 ? secret.slice(-4) : null
}

/** The proxy without its login. */
export function proxyHint(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`.slice(0, 255)
}
