import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, test } from 'vitest'
import { filesBelow, sources } from '../../scripts/lib/sources.mjs'

const generated = /^(package-lock\.json|drizzle\/migrations\/|public\/|bench\/results\/|tests\/\.tmp\/)|\.json$/
const binary = /\.(png|jpg|ico|woff2?|gz|bin)$/
const written = filesBelow('.', [...sources, 'bench', 'demo', 'docs', 'scripts', 'tests', 'README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'eslint.config.mjs', 'vitest.config.ts', 'drizzle.config.ts'])
  .filter(path => !generated.test(path) && !binary.test(path))
const self = 'tests/unit/structure.test.ts'

function linesWith(pattern: RegExp, files: string[]) {
  return files.filter(path => path !== self).flatMap(path => readFileSync(path, 'utf8').split('\n').flatMap((line, at) => pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : []))
}

test('no file has more than 300 lines', () => {
  const long = written.filter(path => readFileSync(path, 'utf8').trimEnd().split('\n').length > 300)
  expect(long).toEqual([])
})

test('nothing is left to do later', () => {
  expect(linesWith(/\b(TODO|FIXME)\b/, written)).toEqual([])
})

test('no check is switched off in place', () => {
  expect(linesWith(/eslint-disable|@ts-(ignore|nocheck)/, written)).toEqual([])
})

test('no test is skipped or alone', () => {
  const tests = written.filter(path => path.endsWith('.test.ts'))
  expect(linesWith(/\b(it|test|describe)(\.\w+)*\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/, tests)).toEqual([])
})

test('no source is hidden by .gitignore, so that a clone is whole', () => {
  const gitDir = mkdtempSync(join(tmpdir(), 'relay-git-'))
  const git = (...args: string[]) => execFileSync('git', ['-c', 'core.excludesFile=/dev/null', `--git-dir=${gitDir}`, '--work-tree=.', ...args], { encoding: 'utf8' })
  try {
    git('init', '--quiet')
    expect(git('ls-files', '--others', '--ignored', '--exclude-standard', '--', ...sources, 'scripts', 'docs', '.env.example').split('\n').filter(Boolean)).toEqual([])
  }
  finally {
    rmSync(gitDir, { recursive: true })
  }
})

test('every platform folder is registered', () => {
  const registry = readFileSync('server/platforms/index.ts', 'utf8')
  const folders = readdirSync('server/platforms').filter(name => !name.startsWith('_') && statSync(join('server/platforms', name)).isDirectory())
  expect(folders.length).toBeGreaterThan(0)
  expect(folders.filter(name => !registry.includes(`'./${name}'`) && !registry.includes(`'./${name}/`))).toEqual([])
})

test('no source file is empty', () => {
  expect(written.filter(path => statSync(path).size === 0)).toEqual([])
})

describe('lint', () => {
  const eslint = new ESLint({ cwd: process.cwd() })
  const rules = async (filePath: string, code: string) => {
    const [result] = await eslint.lintText(code, { filePath })
    return result!.messages.map(message => message.ruleId).filter(rule => rule?.startsWith('no-') || rule === 'max-lines' || rule?.includes('explicit-any'))
  }
  // The first look loads every plugin.
  beforeAll(() => rules('server/x.ts', ''), 90_000)

  test.each([
    ['h3 in a domain folder', 'server/relay/x.ts', 'import { createError } from \'h3\'\n\ncreateError({})\n', 'no-restricted-imports'],
    ['Nitro in a domain folder', 'server/limits/deep/x.ts', 'import { useNitroApp } from \'nitropack/runtime\'\n\nuseNitroApp()\n', 'no-restricted-imports'],
    ['auto-imports in a domain folder', 'server/keys/x.ts', 'import { useStorage } from \'#imports\'\n\nuseStorage()\n', 'no-restricted-imports'],
    ['h3 in the database folder', 'server/db/x.ts', 'import { createError } from \'h3\'\n\ncreateError({})\n', 'no-restricted-imports'],
    ['server code in a page', 'pages/x.vue', '<script setup lang="ts">\nimport { readConfig } from \'#server/config\'\n\nreadConfig({})\n</script>\n\n<template>\n  <div />\n</template>\n', 'no-restricted-imports'],
    ['server code by a relative path in a composable', 'composables/x.ts', 'import { readConfig } from \'../server/config\'\n\nreadConfig({})\n', 'no-restricted-imports'],
    ['server code by ~ in a plugin', 'plugins/x.ts', 'import { readConfig } from \'~/server/config\'\n\nreadConfig({})\n', 'no-restricted-imports'],
    ['server code in shared', 'shared/utils/x.ts', 'import type { Config } from \'#server/config\'\n\nexport type X = Config\n', 'no-restricted-imports'],
    ['drizzle-orm outside the database folder', 'server/accounts/x.ts', 'import { eq } from \'drizzle-orm\'\n\neq(1, 2)\n', 'no-restricted-imports'],
    ['drizzle-orm in a handler', 'server/api/x.get.ts', 'import { eq } from \'drizzle-orm/sql\'\n\neq(1, 2)\n', 'no-restricted-imports'],
    ['the environment in a domain folder', 'server/kv/x.ts', 'export const x = process.env.X\n', 'no-restricted-properties'],
    ['the environment by import', 'server/kv/x.ts', 'import { env } from \'node:process\'\n\nexport const x = env.X\n', 'no-restricted-imports'],
    ['the environment in a page', 'composables/x.ts', 'export const x = process.env.X\n', 'no-restricted-properties'],
    ['returning() in a repo', 'server/db/repos/x.ts', 'export const x = (db: { returning: () => void }) => db.returning()\n', 'no-restricted-syntax'],
    ['onConflictDoUpdate() in a repo', 'server/db/repos/x.ts', 'export const x = (db: { onConflictDoUpdate: () => void }) => db.onConflictDoUpdate()\n', 'no-restricted-syntax'],
    ['console in the server', 'server/relay/x.ts', 'console.log(1)\n', 'no-console'],
    ['any', 'shared/types/x.ts', 'export type X = any\n', '@typescript-eslint/no-explicit-any'],
    ['a long file', 'shared/types/x.ts', 'export const x = 1\n\n'.repeat(151), 'max-lines'],
  ])('refuses %s', async (_what, path, code, rule) => {
    expect(await rules(path, code)).toContain(rule)
  })

  test.each([
    ['drizzle-orm in a repo', 'server/db/repos/x.ts', 'import { eq } from \'drizzle-orm\'\n\neq(1, 2)\n'],
    ['onConflictDoUpdate() where a dialect is implemented', 'server/db/sqlite.ts', 'export const x = (db: { onConflictDoUpdate: () => void }) => db.onConflictDoUpdate()\n'],
    ['h3 in a handler', 'server/api/x.get.ts', 'import { createError } from \'h3\'\n\ncreateError({})\n'],
    ['the environment in a script', 'scripts/x.mjs', 'export const x = process.env.X\n'],
    ['shared code in a page', 'composables/x.ts', 'import type { Usage } from \'#shared/types/usage\'\n\nexport type X = Usage\n'],
  ])('allows %s', async (_what, path, code) => {
    expect(await rules(path, code)).toEqual([])
  })
})

test('the workflow runs the one test command', () => {
  const workflow = '.github/workflows/ci.yml'
  expect(existsSync(workflow) && readFileSync(workflow, 'utf8')).toContain('run: npm test')
})
