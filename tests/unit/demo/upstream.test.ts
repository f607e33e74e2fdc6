import { afterAll, beforeAll, expect, test } from 'vitest'
import { anthropicUsage } from '#server/platforms/_shared/anthropic-usage'
import { startDemoUpstream, wishText, type DemoUpstream } from '../../../demo/upstream/server'

let upstream: DemoUpstream
beforeAll(async () => {
  upstream = await startDemoUpstream(7)
})
afterAll(() => upstream.close())

const post = (url: string, wish: Parameters<typeof wishText>[0], more: object = {}, headers: Record<string, string> = {}) => fetch(url, {
  method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ model: 'claude-haiku-4-5', messages: [{ role: 'user', content: wishText(wish) }], ...more }),
})
const wish = { cached: 4_321, output: 90, ms: 30 }

test('it listens on loopback only', () => {
  expect(new URL(upstream.url).hostname).toBe('127.0.0.1')
})

test('a stream has the tokens that were wished for', async () => {
  const answer = await post(`${upstream.urlOf('api')}/v1/messages`, wish, { stream: true })
  const reader = anthropicUsage(true)
  reader.push(Buffer.from(await answer.arrayBuffer()))
  expect(reader.end()).toMatchObject({ complete: true, usage: { outputTokens: 90, cacheReadTokens: 4_321 } })
})

test('an official account is known by its token and tells of its windows', async () => {
  const answer = await post(`${upstream.url}/v1/messages`, wish, {}, { authorization: 'Bearer demo-max-1' })
  expect(await answer.json()).toMatchObject({ type: 'message', model: 'claude-haiku-4-5' })
  expect(answer.headers.get('anthropic-ratelimit-unified-5h-utilization')).toBe('0.62')
})

test('chat completions answer in their own format, streams with usage at the end', async () => {
  const whole = await post(`${upstream.urlOf('glm')}/chat/completions`, wish)
  expect(await whole.json()).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 90 } })
  const text = await (await post(`${upstream.urlOf('glm')}/chat/completions`, wish, { stream: true })).text()
  expect(text.trimEnd().split('\n\n').slice(-2)).toEqual([expect.stringContaining('"completion_tokens":90'), 'data: [DONE]'])
})

test.each([['trial', 429], ['old', 401]] as const)('%s is refused with %d, whatever is asked', async (account, status) => {
  expect((await post(`${upstream.urlOf(account)}/v1/messages`, wish)).status).toBe(status)
  expect((await fetch(`${upstream.urlOf(account)}/v1/models`)).status).toBe(status)
})
