import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { spread } from '../lib/stats.mjs'

/** What the relay's own code does with an answer's bytes, in this process, without sockets: passed through as they are, and converted from chat completions. */
export const title = 'Conversion of OpenAI-format answers, CPU per event without sockets'

const root = fileURLToPath(new URL('../..', import.meta.url))
const turns = 20

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const code = await load()
  const rounds = bench.quick ? 5 : 15
  const through = measure(rounds, 200, () => passThrough(code, anthropicFrames(200)))
  const text = measure(rounds, 200, () => convert(code, textChunks(200)))
  const long = measure(bench.quick ? 3 : 7, 20_000, () => convert(code, textChunks(20_000)))
  const few = measure(rounds, 200, () => convert(code, toolChunks(10, 20)))
  const many = measure(bench.quick ? 3 : 7, 20_000, () => convert(code, toolChunks(1_000, 20)))
  const mixed = measure(bench.quick ? 3 : 7, 20_000, () => convert(code, toolChunks(1_000, 20, true)))
  return [
    { id: 'conversion-event', label: 'CPU per event, passed through and converted', unit: 'µs', yardstick: through, relay: text, figure: text.median - through.median, as: '+', better: 'less', budget: 60 },
    { id: 'conversion-long', label: 'converted, 200 and 20,000 events', unit: 'µs', yardstick: text, relay: long, figure: long.median / text.median, as: '×', better: 'less', budget: 2 },
    { id: 'conversion-calls', label: 'converted, 10 and 1,000 tool calls', unit: 'µs', yardstick: few, relay: many, figure: many.median / few.median, as: '×', better: 'less', budget: 2 },
    { id: 'conversion-mixed', label: 'the same, the calls mixed with each other', unit: 'µs', yardstick: few, relay: mixed, figure: mixed.median / few.median, as: '×', better: 'less', budget: 3 },
  ]
}

/** The relay's own modules, as they are. */
async function load() {
  const dir = await mkdtemp(join(tmpdir(), 'relay-bench-'))
  try {
    const outfile = join(dir, 'code.mjs')
    await build({
      stdin: { contents: 'export { ChatAnswer } from \'./server/platforms/openai/answer\'; export { FrameCutter } from \'./server/relay/frames\'; export { anthropicUsage } from \'./server/platforms/_shared/anthropic-usage\'', resolveDir: root, loader: 'ts' },
      outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent', tsconfigRaw: '{}', alias: { '#shared': join(root, 'shared'), '#server': join(root, 'server') },
    })
    return await import(pathToFileURL(outfile).href)
  }
  finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** @type {(rounds: number, events: number, once: () => void) => import('../lib/stats.mjs').Spread} Microseconds of CPU per event, warmed up. */
function measure(rounds, events, once) {
  const repeats = Math.max(1, Math.ceil(4_000 / events))
  for (let n = 0; n < turns; n++) once()
  const times = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let n = 0; n < repeats; n++) once()
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / repeats / events)
  }
  return spread(times)
}

/** @type {(code: any, frames: Buffer[]) => void} */
function passThrough({ FrameCutter, anthropicUsage }, frames) {
  const reader = anthropicUsage(true)
  const cutter = new FrameCutter({ frame: (/** @type {Buffer} */ bytes) => reader.push(bytes) })
  for (const frame of frames) cutter.push(frame)
  reader.end()
}

/** @type {(code: any, chunks: Buffer[]) => void} */
function convert(code, chunks) {
  const answer = new code.ChatAnswer({ model: 'claude-sonnet-5-5', stream: true, names: new Map(), requestBytes: 65_536, stops: [], takenIds: new Set(), uniqueId: 'bench' })
  answer.head(200, [])
  const frames = []
  for (const chunk of chunks) {
    const bytes = answer.push(chunk)
    if (bytes) frames.push(bytes)
  }
  const rest = answer.end()
  if (rest) frames.push(rest)
  passThrough(code, frames)
}

/** @type {Map<string, Buffer[]>} */
const made = new Map()

/** @type {(key: string, make: () => Buffer[]) => Buffer[]} */
function once(key, make) {
  const known = made.get(key) ?? make()
  made.set(key, known)
  return known
}

const anthropicFrames = (/** @type {number} */ count) => once(`frames ${count}`, () => Array.from({ length: count }, (_, at) =>
  Buffer.from(`event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word ${at}"}}\n\n`)))

/** @type {(delta: object, finish?: string) => Buffer} */
const chunk = (delta, finish) => Buffer.from(`data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_764_000_000, model: 'bench', system_fingerprint: 'fp_0123456789', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish ?? null }] })}\n\n`)
const ending = (/** @type {string} */ finish) => [chunk({}, finish), Buffer.from('data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20}}\n\ndata: [DONE]\n\n')]

const textChunks = (/** @type {number} */ count) => once(`text ${count}`, () => [...Array.from({ length: count }, (_, at) => chunk({ content: ` word ${at}` })), ...ending('stop')])

/** Calls of that many pieces each, one after the other or all mixed. */
const toolChunks = (/** @type {number} */ calls, /** @type {number} */ pieces, mixed = false) => once(`tools ${calls} ${mixed}`, () => {
  const piece = (/** @type {number} */ call, /** @type {number} */ at) => chunk({ tool_calls: [{ index: call, ...at === 0 ? { id: `call_${call}`, type: 'function' } : {}, function: { ...at === 0 ? { name: 'Bash' } : {}, arguments: at === 0 ? '{"command":"' : at === pieces - 1 ? '"}' : ` word ${at}` } }] })
  const all = mixed
    ? Array.from({ length: pieces }, (_, at) => Array.from({ length: calls }, (_, call) => piece(call, at))).flat()
    : Array.from({ length: calls }, (_, call) => Array.from({ length: pieces }, (_, at) => piece(call, at))).flat()
  return [...all, ...ending('tool_calls')]
})
