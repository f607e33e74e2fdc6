import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureBuilt, isBuilt } from '../../../scripts/lib/build.mjs'
import { loadEnvFile } from '../../../scripts/lib/env-file.mjs'
import { ensureInstalled, isInstalled } from '../../../scripts/lib/install.mjs'
import { isEnough } from '../../../scripts/lib/node-version.mjs'
import { run } from '../../../scripts/lib/run.mjs'
import { fingerprint } from '../../../scripts/lib/sources.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'relay-start-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

/** Writes a file; `time` is its age order in seconds. */
function put(path: string, content: string, time: number) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  utimesSync(file, time, time)
}

test.each([['18.20.0', false], ['20.18.3', false], ['20.19.0', true], ['20.20.2', true], ['22.0.0', true], ['9.11.2', false]])('Node %s is enough: %s', (version, enough) => {
  expect(isEnough(version)).toBe(enough)
})

describe('installation', () => {
  function installed(time: number) {
    put('package.json', '{"dependencies":{"a":"1"},"devDependencies":{"@s/b":"1"}}', 1)
    put('node_modules/a/package.json', '{}', time)
    put('node_modules/@s/b/package.json', '{}', time)
    put('node_modules/.package-lock.json', '{}', time)
  }

  test('missing or older than the lock file: not installed', () => {
    put('package-lock.json', 'v1', 10)
    expect(isInstalled(root)).toBe(false)
    installed(5)
    expect(isInstalled(root)).toBe(false)
  })

  test('without the development dependencies the build cannot run: not installed', () => {
    put('package-lock.json', 'v1', 10)
    installed(20)
    expect(isInstalled(root)).toBe(true)
    rmSync(join(root, 'node_modules/@s'), { recursive: true })
    expect(isInstalled(root)).toBe(false)
  })

  test('a checkout that only touches the lock file does not install again, a changed one does', async () => {
    put('package-lock.json', 'v1', 10)
    installed(20)
    expect(await ensureInstalled(root)).toBe(false)
    put('package-lock.json', 'v1', 30)
    expect(isInstalled(root)).toBe(true)
    put('package-lock.json', 'v2', 30)
    expect(isInstalled(root)).toBe(false)
  })
})

describe('build', () => {
  test('missing or older than a source: not built', () => {
    put('server/a.ts', '1', 10)
    expect(isBuilt(root)).toBe(false)
    put('.output/server/index.mjs', '', 5)
    expect(isBuilt(root)).toBe(false)
  })

  test('an interrupted build, without its entry, does not count', () => {
    put('server/a.ts', '1', 10)
    put('.output/server/main.mjs', '', 20)
    expect(isBuilt(root)).toBe(false)
  })

  test('touched sources do not build again; changed, new, renamed and deleted ones do', async () => {
    put('server/a.ts', '1', 10)
    put('app.vue', '', 10)
    put('.output/server/index.mjs', '', 20)
    expect(await ensureBuilt(root)).toBe(false)
    put('server/a.ts', '1', 30)
    expect(isBuilt(root)).toBe(true)
    put('server/a.ts', '2', 5)
    expect(isBuilt(root)).toBe(false)
    put('server/a.ts', '1', 5)
    put('pages/new.vue', '', 5)
    expect(isBuilt(root)).toBe(false)
    rmSync(join(root, 'pages'), { recursive: true })
    expect(isBuilt(root)).toBe(true)
    rmSync(join(root, 'app.vue'))
    expect(isBuilt(root)).toBe(false)
  })

  test('data, tests and documents are no sources', () => {
    put('server/a.ts', '1', 10)
    const before = fingerprint(root)
    put('data/relay.db', 'x', 10)
    put('tests/a.test.ts', 'x', 10)
    put('README.md', 'x', 10)
    expect(fingerprint(root)).toBe(before)
  })
})

test('a variable of the shell wins over .env, and a missing .env is no error', () => {
  loadEnvFile(join(root, '.env'))
  put('.env', 'RELAY_TEST_GIVEN=file\nRELAY_TEST_NEW="two words" # note\n', 1)
  process.env.RELAY_TEST_GIVEN = 'shell'
  try {
    loadEnvFile(join(root, '.env'))
    expect([process.env.RELAY_TEST_GIVEN, process.env.RELAY_TEST_NEW]).toEqual(['shell', 'two words'])
  }
  finally {
    delete process.env.RELAY_TEST_GIVEN
    delete process.env.RELAY_TEST_NEW
  }
})

test('a failing step ends with its hint, a missing program too', async () => {
  await expect(run(process.execPath, ['-e', 'process.exit(3)'], { cwd: root, hint: 'Try this.' })).rejects.toThrow(/code 3\.\nTry this\./)
  await expect(run(join(root, 'nothing'), [], { cwd: root, hint: 'Try that.' })).rejects.toThrow(/did not start.*\nTry that\./)
})
