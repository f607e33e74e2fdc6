import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

// What MySQL 5.7 or one of the dialects lacks works on the developer's machine and fails on somebody's server.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const dialects = ['sqlite', 'mysql'] as const

const forbidden: Record<string, RegExp> = {
  'common table expression': /\bwith\s+(?:recursive\s+)?[`"\w]+\s*(?:\([^)]*\)\s*)?as\s*\(|\.with\(|\$with\(/i,
  'window function': /\bover\s*\(|\brow_number\s*\(/i,
  'RETURNING': /\breturning\b|\$returningId/i,
  'dialect\'s own conflict clause': /onConflictDo|onDuplicateKey|on\s+conflict|on\s+duplicate\s+key/i,
  'expression default': /\bdefault\s*\(/i,
  'collation of MySQL 8': /_0900_|utf8mb4_bin_|nopad/i,
  'lateral or values table': /\blateral\b|\bvalues\s+row\b/i,
  'JSON function or type': /\bjson(?:_\w+)?\s*\(|->>|`\s+json\b/i,
  'check constraint, foreign key or counter': /\bcheck\s*\(|\bforeign\s+key\b|\bauto_?increment\b/i,
  'set operation that MySQL 5.7 lacks': /\b(?:intersect|except)\s+select\b|\.(?:intersect|except)\(/i,
}

const filesBelow = (folder: string, ending: string) => readdirSync(join(root, folder), { recursive: true })
  .map(name => join(folder, String(name))).filter(name => name.endsWith(ending))

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

describe('SQL stays inside what SQLite and MySQL 5.7 share', () => {
  const files = [...filesBelow('drizzle/migrations', '.sql'), ...filesBelow('server/db/repos', '.ts')]

  it('looks at both migrations and the repos', () => {
    expect(files.filter(file => file.endsWith('.sql')).length).toBeGreaterThanOrEqual(2)
    expect(files.filter(file => file.endsWith('.ts')).length).toBeGreaterThan(10)
  })

  it.each(Object.entries(forbidden))('without %s', (_name, pattern) => {
    const found = files.flatMap((file) => {
      const hit = pattern.exec(withoutComments(readFileSync(join(root, file), 'utf8')))
      return hit ? [`${file}: ${hit[0]}`] : []
    })
    expect(found).toEqual([])
  })

  it('gives every text column of MySQL its character set', () => {
    for (const file of filesBelow('drizzle/migrations/mysql', '.sql')) {
      const bare = readFileSync(join(root, file), 'utf8').split('\n')
        .filter(line => /varchar|text/i.test(line) && !/CHARACTER SET (?:ascii COLLATE ascii_bin|utf8mb4 COLLATE utf8mb4_bin)/.test(line))
      expect(bare).toEqual([])
    }
  })
})

describe('generated migrations', () => {
  it.each(dialects)('hold all of the schema on %s', async (dialect) => {
    const out = await mkdtemp(join(tmpdir(), 'relay-migrations-'))
    try {
      await cp(join(root, 'drizzle/migrations', dialect), out, { recursive: true })
      const before = await readdir(out)
      const kit = join(root, 'node_modules/drizzle-kit/bin.cjs')
      const { stdout } = await promisify(execFile)(process.execPath, [kit, 'generate', '--dialect', dialect, '--schema', `./drizzle/schema.${dialect}.ts`, '--out', relative(root, out), '--casing', 'snake_case'], { cwd: root })
      expect(stdout).toContain('No schema changes')
      expect(await readdir(out)).toEqual(before)
    }
    finally {
      await rm(out, { recursive: true, force: true })
    }
  }, 60_000)

  it('change the same tables on both dialects, step by step', () => {
    const tablesOf = (dialect: string) => filesBelow(`drizzle/migrations/${dialect}`, '.sql').sort()
      .map(file => [...readFileSync(join(root, file), 'utf8').matchAll(/^CREATE TABLE `(\w+)`/gm)].map(match => match[1]).sort())
    expect(tablesOf('mysql')).toEqual(tablesOf('sqlite'))
  })
})
