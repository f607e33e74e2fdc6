import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { parentPort } from 'node:worker_threads'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { estimateTokens } from './estimate'
import type { EstimateAnswer, EstimateQuestion } from './protocol'

const decoders: Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer> = { 'gzip': gunzipSync, 'x-gzip': gunzipSync, 'deflate': inflateSync, 'br': brotliDecompressSync }

// Special tokens of another vendor's models are plain text here.
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

function answer({ id, body, encoding, maxBytes }: EstimateQuestion): EstimateAnswer {
  try {
    const decoder = decoders[encoding ?? '']
    const bytes = decoder ? decoder(body, { maxOutputLength: maxBytes }) : Buffer.from(body)
    return { id, tokens: estimateTokens(JSON.parse(bytes.toString('utf8')), piece => countTokens(piece, asText)) }
  }
  catch (error) {
    return { id, error: error instanceof Error ? error.name : 'unknown' }
  }
}

parentPort?.on('message', (question: EstimateQuestion) => parentPort?.postMessage(answer(question)))
