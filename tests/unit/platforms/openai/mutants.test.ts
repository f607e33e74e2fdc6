import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatAnswer } from '#server/platforms/openai/answer'
import { chatStream } from '../../../helpers/chat'
import { streamCases } from '../../../helpers/chat-cases'
import { mutants, type Mutant } from '../../../helpers/mutants'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'relay-mutants-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Make = new (options: ConstructorParameters<typeof ChatAnswer>[0]) => ChatAnswer

/** Gives one file with its change to the bundler. */
const changed = ({ file, from, to }: Mutant): Plugin => ({
  name: 'mutant',
  setup: builder => builder.onLoad({ filter: new RegExp(`/openai/${file.replace('.', '\\.')}$`) }, ({ path }) => {
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} holds this not once: ${from}`)
    return { contents: text.replace(from, () => to), loader: 'ts' }
  }),
})

/** The converter as it is with one change, or with none. */
async function built(mutant?: Mutant): Promise<Make> {
  const out = join(dir, `${mutant ? mutants.indexOf(mutant) : 'none'}.mjs`)
  await build({
    entryPoints: [join(root, 'server/platforms/openai/answer.ts')], outfile: out, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent', tsconfigRaw: '{}',
    alias: { '#shared': join(root, 'shared'), '#server': join(root, 'server') }, plugins: mutant ? [changed(mutant)] : [],
  })
  return (await import(/* @vite-ignore */ pathToFileURL(out).href) as { ChatAnswer: Make }).ChatAnswer
}

/** Everything that the golden cases give, in halves of their bytes, as one text. */
function outcome(Answer: Make): string {
  return streamCases.map(({ upstream, request = {} }) => [true, false].map((stream) => {
    try {
      const answer = new Answer({ model: 'asked', stream, names: new Map(), requestBytes: 400, stops: (request.stop_sequences as string[] | undefined) ?? [], takenIds: new Set(['call_0']), uniqueId: 'unique' })
      answer.head(200, [])
      const bytes = Buffer.from(typeof upstream === 'string' ? upstream : chatStream(upstream))
      const half = Math.floor(bytes.length / 2)
      const pieces = [answer.push(bytes.subarray(0, half)), answer.push(bytes.subarray(half)), answer.end()]
      return Buffer.concat(pieces.filter(piece => piece !== null)).toString()
    }
    catch (error) {
      return String(error)
    }
  }).join('|')).join('\n')
}

describe('the golden cases notice', () => {
  let sound: string

  beforeAll(async () => {
    sound = outcome(await built())
    expect(sound).toContain('message_stop')
  })

  it.each(mutants)('that $what', async (mutant) => {
    expect(outcome(await built(mutant))).not.toBe(sound)
  })
})
