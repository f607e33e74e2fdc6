import { empty200, html200, status } from './upstream/behaviours'
import type { Behaviour } from './upstream/exchange'
import { cutAt, errorAt, reset, silentAt } from './upstream/faults'

const inAnHour = String(Math.round(Date.now() / 1000) + 3600)

const cutJson: Behaviour = async ({ res, write, cut }) => {
  res.writeHead(200, { 'content-type': 'application/json' })
  await write('{"type":"message","usage":{"input_tokens":3')
  await new Promise<void>(resolve => res.socket?.write('', () => resolve()))
  cut()
}

const brokenJson: Behaviour = async ({ res, write }) => {
  res.writeHead(200, { 'content-type': 'application/json' })
  await write('{"type":"message","usage":{"input_tokens":3')
  res.end()
}

/** Every way in which an account can fail before its answer has begun, by name. */
export const faultsBeforeAnswer: [string, () => Behaviour][] = [
  ...[401, 402, 403, 408, 500, 502, 503, 504, 529].map((code): [string, () => Behaviour] => [`status ${code}`, () => status(code)]),
  ['429 with retry-after', () => status(429, { headers: { 'retry-after': '120' } })],
  ['429 with a unified reset', () => status(429, { headers: { 'anthropic-ratelimit-unified-status': 'rejected', 'anthropic-ratelimit-unified-reset': inAnHour } })],
  ['429 without a word', () => status(429)],
  ['credit too low', () => status(400, { message: 'Your credit balance is too low to access the Anthropic API.' })],
  ['organisation disabled', () => status(400, { message: 'This organization has been disabled.' })],
  ['model missing', () => status(404, { message: 'model: claude-sonnet-5-5' })],
  ['an error as the first event', () => errorAt('nothing')],
  ['a page of HTML with 200', () => html200()],
  ['an empty 200', () => empty200()],
  ['a cut before the headers', () => cutAt('headers')],
  ['a cut before the first byte', () => cutAt('nothing')],
  ['a reset', () => reset()],
  ['silence', () => silentAt('headers')],
  ['a cut JSON answer', () => cutJson],
  ['a broken JSON answer', () => brokenJson],
]
