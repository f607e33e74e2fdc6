import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { environment, readConfig } from '#server/config'

const service = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  stop_grace_period: z.string().optional(),
  init: z.boolean().optional(),
  env_file: z.string().optional(),
})
const compose = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })

const files = ['docker-compose.yml', 'docker-compose-all.yml']
const read = (file: string) => compose.parse(parse(readFileSync(file, 'utf8')))

/** One instruction a line, continuation lines joined, comments dropped. */
const dockerfile = readFileSync('Dockerfile', 'utf8').replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ').split('\n').filter(Boolean)
const stages = dockerfile.join('\n').split(/^(?=FROM )/m).map(stage => stage.split('\n').filter(Boolean))
const runtime = stages.at(-1)!
const instruction = (name: string) => runtime.find(line => line.startsWith(`${name} `))

describe.each(files)('%s', (file) => {
  const { services, volumes } = read(file)
  const app = services.app!

  test('the application has its port, its data volume and time to end running streams', () => {
    expect(app.ports).toEqual(['${PORT:-10081}:10081'])
    expect(app.environment).toMatchObject({ PORT: 10081, RELAY_DATA_DIR: '/app/data', HOST: '0.0.0.0' })
    expect(app.volumes).toEqual(['data:/app/data'])
    expect(app.stop_grace_period).toBe('10m30s')
    expect(10.5 * 60_000).toBeGreaterThan(environment.parse({}).SHUTDOWN_TIMEOUT_MS)
    expect(app.init).toBe(true)
  })

  test('every named volume is declared, and every declared one used', () => {
    const used = Object.values(services).flatMap(each => each.volumes.map(volume => volume.split(':')[0]))
    expect([...new Set(used)].sort()).toEqual(Object.keys(volumes).sort())
  })

  test('no password has a value or a default here', () => {
    for (const each of Object.values(services)) {
      for (const [name, value] of Object.entries(each.environment)) {
        if (/(?<!RANDOM_ROOT_)PASSWORD|SECRET|TOKEN|AUTH/.test(name)) expect(value, name).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/)
      }
    }
  })

  test('every variable it asks for is documented in .env.example', () => {
    const asked = [...readFileSync(file, 'utf8').matchAll(/\$\{([A-Z_]+)/g)].map(match => match[1]!)
    const known = readFileSync('.env.example', 'utf8')
    expect(asked.filter(name => !known.includes(`# ${name}=`))).toEqual([])
  })

  test('the application understands what it is given', () => {
    const given = Object.fromEntries(Object.entries(app.environment).map(([name, value]) => [name, String(value).replace(/^\$\{.*\}$/, 'p'.repeat(32))]))
    expect(Object.keys(given).filter(name => !(name in environment.shape))).toEqual([])
    expect(readConfig(given).mysqlUrl).toMatch(/^mysql:/)
  })
})

test('docker-compose-all: the application waits for a healthy database and cache, and a .env made for another database does not lead it elsewhere', () => {
  const { services } = read('docker-compose-all.yml')
  const { app, mysql, redis } = services
  expect(Object.keys(services)).toEqual(['app', 'mysql', 'redis'])
  expect(mysql!.image).toMatch(/^mysql:8/)
  expect(redis!.image).toMatch(/^redis:7/)
  for (const name of Object.keys(app!.depends_on)) {
    expect(app!.depends_on[name]!.condition).toBe('service_healthy')
    expect(services[name]!.healthcheck).toBeDefined()
    expect(services[name]!.ports).toEqual([])
  }
  const overriding = Object.keys(app!.environment)
  expect(overriding).toEqual(expect.arrayContaining(Object.keys(environment.shape).filter(name => /^(MYSQL|REDIS)_|DATABASE_URL/.test(name))))
  expect(app!.environment).toMatchObject({ MYSQL_USER: mysql!.environment.MYSQL_USER, MYSQL_DATABASE: mysql!.environment.MYSQL_DATABASE, MYSQL_PASSWORD: mysql!.environment.MYSQL_PASSWORD })
})

describe('Dockerfile', () => {
  test('two stages on the oldest supported Node; the runtime stage holds the built server and nothing else', () => {
    expect(stages.map(stage => stage[0])).toEqual(['FROM node:20-slim AS build', 'FROM node:20-slim'])
    expect(runtime.filter(line => /^(COPY|ADD) /.test(line))).toEqual(['COPY --from=build /app/.output ./.output'])
  })

  test('runs as an ordinary user that owns the data directory only', () => {
    const user = runtime.indexOf('USER node')
    expect(user).toBeGreaterThan(-1)
    expect(runtime.slice(user).filter(line => /^(USER|RUN) /.test(line))).toEqual(['USER node'])
    expect(instruction('RUN')).toBe('RUN install -d -o node -g node -m 700 /app/data')
    expect(instruction('VOLUME')).toBe('VOLUME /app/data')
  })

  test('the server is process 1, so that signals arrive', () => {
    expect(JSON.parse(instruction('CMD')!.slice(4))).toEqual(['node', '.output/server/index.mjs'])
    expect(instruction('ENTRYPOINT')).toBeUndefined()
  })

  test('health is asked of the port that is exposed', () => {
    expect(instruction('EXPOSE')).toBe('EXPOSE 10081')
    expect(instruction('ENV')).toMatch(/NODE_ENV=production\s.*PORT=10081/)
    expect(instruction('HEALTHCHECK')).toContain('http://127.0.0.1:${process.env.PORT}/health')
  })

  test('no secret is built in, and no local state is copied', () => {
    expect(dockerfile.filter(line => /^(ENV|ARG)/.test(line) && /PASSWORD|SECRET|TOKEN|KEY|SALT/.test(line))).toEqual([])
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n')
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.env.*', '.git', 'data', 'node_modules', '.output', '.nuxt']))
  })

  test('what it copies exists', () => {
    const copied = stages[0]!.filter(line => line.startsWith('COPY ')).flatMap(line => line.split(/\s+/).slice(1, -1))
    expect(copied).toEqual(['package.json', 'package-lock.json', '.'])
    expect(copied.filter(path => !existsSync(path))).toEqual([])
  })
})
