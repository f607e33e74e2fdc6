import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { redisProgram } from '../../scripts/test/redis.mjs'
import { poll } from '../helpers/until'

/** An empty Redis for the suites; null skips them on a developer's machine and never in CI. */
export const redisUrl = process.env.TEST_REDIS_URL || null
/** A program to start and stop at will; null likewise. */
export const redisServer: string | null = redisProgram()

if (process.env.CI && !(redisUrl && redisServer)) {
  throw new Error('In CI these tests need TEST_REDIS_URL and redis-server on the PATH')
}

export interface RedisServer {
  url: string
  /** Stops answering without closing connections, and goes on. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** A throw-away server on loopback, ready when the promise resolves. */
export async function startRedisServer(port: number, ...options: string[]): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-redis-'))
  const child = spawn(redisServer ?? 'redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, ...options], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const url = `redis://127.0.0.1:${port}`
  await poll(() => answers(url), 'the Redis server')
  return {
    url,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      // Ends a frozen one too, which answers nothing more.
      child.kill('SIGKILL')
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** An error reply, such as one that asks for a password, is an answer too. */
async function answers(url: string): Promise<true | undefined> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  }
  catch {
    return undefined
  }
  finally {
    client.disconnect()
  }
}
