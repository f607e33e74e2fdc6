import { hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'secret.key'
const minLength = 32
const readableByOthers = 0o077

/** Says what is wrong with the key file and how to mend it; never carries the key. */
export class SecretKeyError extends Error {
  override name = 'SecretKeyError'
}

/**
 * The installation's secret: `given` (RELAY_SECRET_KEY), else the file `secret.key` of the data directory,
 * made with mode 0600 when it is missing. Processes that race for the first start get the same key.
 * A file that others can read is refused and not tightened: they may have read it already.
 * Throws {@link SecretKeyError}.
 */
export async function loadSecretKey(options: { dataDir: string, given?: string | null }): Promise<string> {
  if (options.given) return options.given
  const path = join(options.dataDir, fileName)
  return await readKey(path) ?? await makeKey(options.dataDir, path)
}

/** A key for one purpose, 32 bytes as base64url (43 characters). Different purposes give unrelated keys. */
export function deriveKey(secret: string, purpose: string): string {
  const bytes = hkdfSync('sha256', secret, 'claude-code-relay', purpose, 32)
  return Buffer.from(bytes).toString('base64url')
}

async function readKey(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(orNull('ENOENT', path))
  if (!file) return null
  try {
    const { mode } = await file.stat()
    // Windows has no such bits: access there follows the directory's list.
    if (process.platform !== 'win32' && mode & readableByOthers) {
      throw new SecretKeyError(`${path} can be read by other users (mode ${(mode & 0o777).toString(8)}). Check who had access, then run: chmod 600 ${path}`)
    }
    const key = (await file.readFile('utf8').catch(refuse(path))).trim()
    if (key.length < minLength) throw new SecretKeyError(`${path} is damaged: it holds fewer than ${minLength} characters. Restore it from a backup, or set RELAY_SECRET_KEY.`)
    return key
  }
  finally {
    await file.close()
  }
}

/** `link` either makes the whole file appear under its name or fails because another process was first. */
async function makeKey(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true }).catch(refuse(dataDir))
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    const text = `${randomBytes(32).toString('base64url')}\n`
    await writeFile(draft, text, { flag: 'wx', mode: 0o600, flush: true }).catch(refuse(path))
    await link(draft, path).catch(orNull('EEXIST', path))
  }
  finally {
    await rm(draft, { force: true })
  }
  const key = await readKey(path)
  if (key === null) throw new SecretKeyError(`${path} vanished while it was made.`)
  return key
}

function refuse(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new SecretKeyError(`${path} cannot be read or made (${error.code ?? error.message}). Mend its directory, or set RELAY_SECRET_KEY.`)
  }
}

function orNull(code: string, path: string): (error: NodeJS.ErrnoException) => null {
  return error => error.code === code ? null : refuse(path)(error)
}
