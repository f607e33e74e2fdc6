import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretKeyError, deriveKey, loadSecretKey } from '#server/lib/secret-key'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relay-secret-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('secret key', () => {
  it('takes the given key and writes nothing', async () => {
    expect(await loadSecretKey({ dataDir: dir, given: 'g'.repeat(32) })).toBe('g'.repeat(32))
    expect(await readdir(dir)).toEqual([])
  })

  it('is made once, readable by its owner only, and stays the same', async () => {
    const dataDir = join(dir, 'not', 'there', 'yet')
    const key = await loadSecretKey({ dataDir })
    expect(key).toMatch(/^[\w-]{43}$/)
    expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['secret.key'])
    expect(await loadSecretKey({ dataDir })).toBe(key)
  })

  it('is made anew for each installation', async () => {
    const keys = await Promise.all(['a', 'b'].map(name => loadSecretKey({ dataDir: join(dir, name) })))
    expect(new Set(keys).size).toBe(2)
  })

  it('is one and the same for racing starts in one process', async () => {
    for (let round = 0; round < 30; round++) {
      const dataDir = join(dir, String(round))
      const keys = await Promise.all(Array.from({ length: 10 }, () => loadSecretKey({ dataDir })))
      expect(new Set(keys).size).toBe(1)
      expect(await readdir(dataDir)).toEqual(['secret.key'])
    }
  })

  it('is one and the same for processes that race for the first start', async () => {
    const source = await readFile(fileURLToPath(new URL('../../../server/lib/secret-key.ts', import.meta.url)), 'utf8')
    const { code } = await transform(source, { loader: 'ts', format: 'esm' })
    const script = join(dir, 'load.mjs')
    await writeFile(script, `${code}\nprocess.stdout.write(await loadSecretKey({ dataDir: process.argv[2] }))\n`)
    const dataDir = join(dir, 'data')
    const runs = await Promise.all(Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, [script, dataDir])))
    expect(new Set(runs.map(run => run.stdout)).size).toBe(1)
    expect(await loadSecretKey({ dataDir })).toBe(runs[0]?.stdout)
  })

  it.each(['644', '640', '604', '660'])('refuses a file that others can read (%s), says how to mend it, leaves it alone', async (digits) => {
    const mode = Number.parseInt(digits, 8)
    const key = await loadSecretKey({ dataDir: dir })
    const path = join(dir, 'secret.key')
    await chmod(path, mode)
    const error = await loadSecretKey({ dataDir: dir }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SecretKeyError)
    expect(String(error)).toContain(`chmod 600 ${path}`)
    expect(String(error)).not.toContain(key)
    expect((await stat(path)).mode & 0o777).toBe(mode)
    await chmod(path, 0o600)
    expect(await loadSecretKey({ dataDir: dir })).toBe(key)
  })

  it.each(['', '\n', 'too short'])('refuses a damaged file instead of making another key (%j)', async (text) => {
    const path = join(dir, 'secret.key')
    await writeFile(path, text, { mode: 0o600 })
    await expect(loadSecretKey({ dataDir: dir })).rejects.toThrow(/damaged/)
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('takes a key that was written by hand with line breaks around it', async () => {
    await writeFile(join(dir, 'secret.key'), `\n${'k'.repeat(40)}\r\n`, { mode: 0o600 })
    expect(await loadSecretKey({ dataDir: dir })).toBe('k'.repeat(40))
  })

  it('says so when the data directory is a file, or the key a directory', async () => {
    await writeFile(join(dir, 'file'), '')
    await expect(loadSecretKey({ dataDir: join(dir, 'file') })).rejects.toThrow(SecretKeyError)
    await mkdir(join(dir, 'data', 'secret.key'), { recursive: true, mode: 0o700 })
    await chmod(join(dir, 'data', 'secret.key'), 0o700)
    await expect(loadSecretKey({ dataDir: join(dir, 'data') })).rejects.toThrow(SecretKeyError)
  })
})

describe('derived keys', () => {
  it('differ by purpose and secret, repeat, and have 32 bytes', () => {
    const secret = 's'.repeat(32)
    expect(deriveKey(secret, 'session')).toBe(deriveKey(secret, 'session'))
    expect(deriveKey(secret, 'session')).not.toBe(deriveKey(secret, 'seal'))
    expect(deriveKey(secret, 'session')).not.toBe(deriveKey(`${secret}x`, 'session'))
    expect(Buffer.from(deriveKey(secret, 'session'), 'base64url')).toHaveLength(32)
  })
})
