import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from './secret-key'

const version = 'v1'
const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

export type SealFault = 'malformed' | 'unknown_key' | 'not_authentic'

/** A sealed value that does not open. Carries neither plaintext nor key. */
export class SealError extends Error {
  override name = 'SealError'
  constructor(readonly fault: SealFault, message: string) {
    super(message)
  }
}

/** Encrypts values at rest. Sealed form: `v1.<key id>.<iv>.<ciphertext and tag>`, base64url parts. */
export interface Sealer {
  /** Of the key that new values are sealed with: 8 hex digits that reveal nothing of it. */
  readonly keyId: string
  /** `context` says where the value lives, such as `account:<id>:credentials`; elsewhere it does not open. */
  seal(plain: string, context: string): string
  /** Opens values of the current and of the previous key. Throws {@link SealError}. */
  open(sealed: string, context: string): string
  /** False for values of the previous key, which rotation seals anew. */
  isCurrent(sealed: string): boolean
}

interface SealKey {
  id: string
  bytes: Buffer
}

/** `current` and `previous` are secrets of any length (RELAY_SECRET_KEY, RELAY_SECRET_KEY_PREVIOUS). */
export function createSealer(secrets: { current: string, previous?: string | null }): Sealer {
  const current = sealKey(secrets.current)
  const keys = new Map<string, SealKey>()
  if (secrets.previous) {
    const previous = sealKey(secrets.previous)
    keys.set(previous.id, previous)
  }
  keys.set(current.id, current)
  return {
    keyId: current.id,
    seal: (plain, context) => encrypt(current, plain, context),
    open(sealed, context) {
      const parts = parse(sealed)
      const key = keys.get(parts.keyId)
      if (!key) throw new SealError('unknown_key', `This value was sealed with another secret key (id ${parts.keyId}).`)
      return decrypt(key, parts, context)
    },
    isCurrent: sealed => parse(sealed).keyId === current.id,
  }
}

function sealKey(secret: string): SealKey {
  const id = Buffer.from(deriveKey(secret, 'seal-key-id'), 'base64url').toString('hex', 0, 4)
  return { id, bytes: Buffer.from(deriveKey(secret, 'seal'), 'base64url') }
}

function encrypt(key: SealKey, plain: string, context: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, key.bytes, iv, { authTagLength: tagBytes })
  cipher.setAAD(associatedData(key.id, context))
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${version}.${key.id}.${iv.toString('base64url')}.${body.toString('base64url')}`
}

interface SealedParts {
  keyId: string
  iv: Buffer
  body: Buffer
}

function parse(sealed: string): SealedParts {
  const parts = /^v1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/.exec(sealed)
  if (!parts) throw new SealError('malformed', 'This is not a sealed value.')
  const [, keyId = '', iv = '', body = ''] = parts
  return { keyId, iv: Buffer.from(iv, 'base64url'), body: Buffer.from(body, 'base64url') }
}

function decrypt(key: SealKey, { iv, body }: SealedParts, context: string): string {
  const decipher = createDecipheriv(algorithm, key.bytes, iv, { authTagLength: tagBytes })
  decipher.setAAD(associatedData(key.id, context))
  decipher.setAuthTag(body.subarray(body.length - tagBytes))
  const head = decipher.update(body.subarray(0, body.length - tagBytes))
  try {
    return Buffer.concat([head, decipher.final()]).toString('utf8')
  }
  catch {
    throw new SealError('not_authentic', 'This sealed value was changed, or belongs to another place.')
  }
}

const associatedData = (keyId: string, context: string): Buffer => Buffer.from(`${version}.${keyId}.${context}`)
