import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdLock, LockedError, tryLock } from '#server/lib/process-lock'

let dir: string
let path: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relay-lock-'))
  path = join(dir, 'x.lock')
})

afterEach(() => rm(dir, { recursive: true }))

/** Another process that takes the lock and keeps it. */
async function otherHolder(): Promise<ReturnType<typeof spawn>> {
  const libsql = createRequire(import.meta.url).resolve('libsql')
  const code = `const D = require(${JSON.stringify(libsql)}); const d = new D(${JSON.stringify(path)}); d.exec('begin exclusive'); console.log('held'); setInterval(() => d.open, 1000)`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

describe('process lock', () => {
  it('is had once, inside a process too', () => {
    const lock = holdLock(path)
    expect(tryLock(path)).toBeNull()
    expect(() => holdLock(path)).toThrow(LockedError)
    lock.release()
    lock.release()
    tryLock(path)?.release()
  })

  it('is free again as soon as its holder is killed', async () => {
    const child = await otherHolder()
    expect(tryLock(path)).toBeNull()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = tryLock(path)
    expect(lock).not.toBeNull()
    lock?.release()
  })

  it('removes its file only while it is held', () => {
    const lock = holdLock(path)
    lock.release()
    lock.releaseAndRemove()
    expect(existsSync(path)).toBe(true)
    holdLock(path).releaseAndRemove()
    expect(existsSync(path)).toBe(false)
  })

  it('says what is wrong when the folder is missing', () => {
    expect(() => tryLock(join(dir, 'no', 'x.lock'))).toThrow(/unable to open|no such/i)
  })
})
