import { mkdir, rm } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLogger } from '#server/lib/logger'
import { createEstimator, type Estimator } from '#server/relay/estimate/estimator'

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const script = path(`tests/.tmp/estimate-worker-${process.pid}.mjs`)
const logger = createLogger({ level: 'silent' })
let estimator: Estimator

beforeAll(async () => {
  await mkdir(path('tests/.tmp'), { recursive: true })
  // Lies inside the project so that its packages are found.
  await build({ entryPoints: [path('server/relay/estimate/worker.ts')], outfile: script, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', tsconfigRaw: '{}' })
  estimator = createEstimator({ workerUrl: pathToFileURL(script), maxBytes: 1024 * 1024, logger })
})
afterAll(async () => {
  await estimator?.stop()
  await rm(script, { force: true })
})

const bodyOf = (content: string) => Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }))

it('a real tokenizer counts, in any language, plain or encoded', async () => {
  const english = 'The quick brown fox jumps over the lazy dog. '.repeat(100)
  const tokens = await estimator.estimate(bodyOf(english), undefined)
  // Ten tokens a sentence by o200k_base, a fifth more by Claude's, and the message itself.
  expect(tokens).toBeGreaterThan(1_150)
  expect(tokens).toBeLessThan(1_300)
  expect(await estimator.estimate(gzipSync(bodyOf(english)), ' GZIP ')).toBe(tokens)
  const chinese = await estimator.estimate(bodyOf('每个人都有自己的密钥。'.repeat(100)), undefined)
  expect(chinese).toBeGreaterThan(500)
  expect(chinese).toBeLessThan(1_500)
})

it('what another vendor\'s tokenizer takes for a command is text here', async () => {
  expect(await estimator.estimate(bodyOf('<|endoftext|><|im_start|>'), undefined)).toBeGreaterThan(10)
})

it('a text without spaces takes no longer than others', { timeout: 20_000 }, async () => {
  expect(await estimator.estimate(bodyOf('a'.repeat(300_000)), undefined)).toBeGreaterThan(30_000)
  expect(await estimator.estimate(bodyOf('字'.repeat(150_000)), undefined)).toBeGreaterThan(100_000)
})

it('large bodies do not keep the thread that relays', async () => {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  const bodies = Array.from({ length: 25 }, (_, i) => bodyOf(`${i} ${'lorem ipsum {"key": [1, 2]} '.repeat(5_200)}`))
  const tokens = await Promise.all(bodies.map(body => estimator.estimate(body, undefined)))
  clearInterval(timer)
  expect(tokens.every(count => count > 30_000)).toBe(true)
  // The counting itself takes seconds.
  expect(longest).toBeLessThan(1_000)
})

it('what cannot be read is reckoned from its size', async () => {
  expect(await estimator.estimate(Buffer.from('x'.repeat(400)), undefined)).toBe(100)
  expect(await estimator.estimate(Buffer.from('not gzip'), 'gzip')).toBe(2)
  const broken = createEstimator({ workerUrl: pathToFileURL('/no/such/worker.mjs'), maxBytes: 1, logger })
  expect(await broken.estimate(Buffer.from('x'.repeat(40)), undefined)).toBe(10)
  await broken.stop()
})

it('the worker is let go when it has nothing to do, and comes back', async () => {
  const shy = createEstimator({ workerUrl: pathToFileURL(script), maxBytes: 1_000, logger, idleMs: 1 })
  for (let i = 0; i < 2; i++) {
    expect(await shy.estimate(bodyOf('hello'), undefined)).toBeGreaterThan(4)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  await shy.stop()
})
