import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../helpers/ports'
import { startProcess } from '../helpers/process'
import { cleanEnv, serverFile, startServer, untilReady, type TestServer } from '../helpers/server'

let dir: string
const servers: TestServer[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relay-startup-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
  await rm(dir, { recursive: true, force: true })
})

async function started(env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer(env)
  servers.push(server)
  return server
}

/** Starts with an environment that cannot work; resolves with what was printed. */
async function refused(env: Record<string, string>): Promise<string> {
  const base = { ...cleanEnv(dir), PORT: String(await freePort()), HOST: '127.0.0.1', RELAY_DATA_DIR: join(dir, 'data') }
  const running = await startProcess(process.execPath, [serverFile], { env: { ...base, ...env }, cwd: dir })
  const { code } = await running.exited
  const text = running.output()
  expect(code, text).toBe(1)
  expect(text, 'one message for people, no stack').not.toMatch(/^\s+at .+:\d+:\d+/m)
  expect(text.trim().split('\n').length, text).toBeLessThan(12)
  return text
}

describe('a wrong configuration ends the start with one clear message', () => {
  it.each([['99999'], ['abc'], ['-1'], ['80.5']])('PORT=%s', async (port) => {
    expect(await refused({ PORT: port })).toContain('PORT')
  })

  it('everything that is wrong is named at once, no value is shown', async () => {
    const text = await refused({ PORT: 'x', RELAY_SECRET_KEY: 'short-secret', LOG_LEVEL: 'loud', TZ: 'Nowhere/Land', IDLE_TIMEOUT_MS: 'soon' })
    for (const name of ['PORT', 'RELAY_SECRET_KEY', 'LOG_LEVEL', 'TZ', 'IDLE_TIMEOUT_MS']) expect(text).toContain(name)
    expect(text).not.toContain('short-secret')
  })

  it('the port belongs to another program', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await refused({ PORT: String(port) })).toMatch(new RegExp(`${port}.*in use`))
    other.close()
  })

  it('MySQL cannot be reached', async () => {
    const port = await freePort()
    const text = await refused({ MYSQL_HOST: '127.0.0.1', MYSQL_PORT: String(port), MYSQL_PASSWORD: 'database-password' })
    expect(text).toMatch(/mysql|database/i)
    expect(text).toContain(String(port))
    expect(text).not.toContain('database-password')
  })

  it('Redis cannot be reached', async () => {
    const text = await refused({ REDIS_URL: `redis://:redis-password@127.0.0.1:${await freePort()}` })
    expect(text).toMatch(/redis/i)
    expect(text).not.toContain('redis-password')
  })

  it('the secret key is not the one that sealed the data', async () => {
    const right = 'a'.repeat(40)
    const server = await started({ RELAY_SECRET_KEY: right })
    const api = await server.login()
    await api.addAccount({ baseUrl: 'https://upstream.example' })
    await server.stop()
    const text = await refused({ RELAY_DATA_DIR: server.dataDir, RELAY_SECRET_KEY: 'b'.repeat(40) })
    expect(text).toContain('RELAY_SECRET_KEY')
    expect(text).not.toContain('bbbbbbbb')
    await server.restart()
  })

  it('the SQLite file is in use by another process', async () => {
    const server = await started()
    expect(await refused({ RELAY_DATA_DIR: server.dataDir })).toMatch(/in use|another process|already/i)
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    await server.kill()
    await server.restart()
  })

  it('the data directory is a file', async () => {
    const file = join(dir, 'file')
    await writeFile(file, '')
    expect(await refused({ RELAY_DATA_DIR: file })).toContain(file)
  })
})

describe('a start', () => {
  it('tells the first admin\'s password once', async () => {
    const server = await started({ DEFAULT_ADMIN_PASSWORD: '' })
    const password = /Password: +(\S+)/.exec(server.logs())?.[1]
    expect(password?.length).toBeGreaterThanOrEqual(12)
    expect(server.logs()).toContain(String(server.port))
    await server.stop()
    const before = server.logs().length
    await server.restart()
    expect(server.logs().slice(before)).not.toMatch(/Password/)
  })

  it('keeps what it has from one start to the next', async ({ annotate }) => {
    const server = await started()
    const key = await (await server.login()).addKey()
    await server.stop()
    const from = Date.now()
    await server.restart()
    await annotate(`second start to ready: ${Date.now() - from} ms`)
    const { items } = await (await server.login()).ok<{ items: { id: string }[] }>('GET', '/api/keys')
    expect(items.map(item => item.id)).toEqual([key.id])
  })

  it('needs nothing but the .output directory', async () => {
    const alone = join(dir, 'alone')
    await cp(dirname(dirname(serverFile)), alone, { recursive: true })
    const port = await freePort()
    const running = await startProcess(process.execPath, [join(alone, 'server/index.mjs')], { env: { ...cleanEnv(dir), PORT: String(port), HOST: '127.0.0.1' }, cwd: dir })
    await untilReady(running, `http://127.0.0.1:${port}`)
    expect((await fetch(`http://127.0.0.1:${port}/login`)).status).toBe(200)
    expect((await running.end('SIGTERM')).code).toBe(0)
  })
})
