import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { describe } from 'vitest'
import { mariadbPrograms, startMariadb } from '../../scripts/test/mariadb.mjs'
import { proxyPrograms } from '../../scripts/test/proxies.mjs'
import { redisProgram } from '../../scripts/test/redis.mjs'
import { freePort } from './ports'

const given = {
  'mysql': process.env.TEST_MYSQL_URL,
  'redis': process.env.TEST_REDIS_URL,
  'chromium': process.env.CHROMIUM_PATH,
  'client': process.env.CLAUDE_CLIENT_PATH,
  'shells': process.env.TEST_SHELLS,
  'mariadb programs': mariadbPrograms() ? 'yes' : undefined,
  'proxy programs': proxyPrograms() ? 'yes' : undefined,
  'redis programs': redisProgram() ? 'yes' : undefined,
} satisfies Record<string, string | undefined>

export type Service = keyof typeof given
const inCi = Boolean(process.env.CI) && process.env.CI !== 'false'

/** Where a service is; throws, naming it, when it is not there. */
export function service(name: Service): string {
  const value = given[name]
  if (!value) throw new Error(`${name} is missing: run the tests by npm test, which brings it or says how`)
  return value
}

/** A suite that needs services: skipped by name where one is missing, except in CI, where it fails. */
export function describeWith(services: Service[], name: string, suite: () => void): void {
  const missing = services.filter(wanted => !given[wanted])
  if (missing.length && !inCi) describe.skip(`${name} (needs ${missing.join(', ')})`, suite)
  else describe(name, suite)
}

export interface TestDatabase {
  /** With the database's name. */
  url: string
  /** Runs one statement and returns its rows. */
  query<T = Record<string, unknown>>(sql: string): Promise<T[]>
  drop(): Promise<void>
}

let made = 0

/** A new, empty database on the MySQL-protocol server at `serverUrl`. */
export async function createDatabase(serverUrl: string = service('mysql')): Promise<TestDatabase> {
  const name = `relay_test_${process.pid}_${Date.now()}_${++made}`
  const url = new URL(serverUrl)
  url.pathname = '/'
  const run = async (target: string, sql: string) => {
    const connection = await createConnection({ uri: target, supportBigNumbers: true, bigNumberStrings: false })
    try {
      const [rows] = await connection.query(sql)
      return rows
    }
    finally {
      await connection.end()
    }
  }
  await run(url.href, `create database ${name} character set utf8mb4`)
  const own = new URL(url)
  own.pathname = `/${name}`
  return {
    url: own.href,
    query: async <T>(sql: string) => await run(own.href, sql) as T[],
    drop: async () => void await run(url.href, `drop database if exists ${name}`),
  }
}

/** A MariaDB of the test's own, which it may end and start again; data and port stay. */
export interface OwnMariadb {
  url: string
  /** Really ends the process. */
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

export async function startOwnMariadb(): Promise<OwnMariadb> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-db-'))
  const where = { dir, port: await freePort() }
  let running: Awaited<ReturnType<typeof startMariadb>> | null = await startMariadb(where)
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    await running?.stop(signal)
    running = null
  }
  return {
    url: running.url,
    stop,
    async start() {
      running ??= await startMariadb(where)
    },
    async remove() {
      await stop('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}
