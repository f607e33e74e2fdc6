import { Worker } from 'node:worker_threads'
import type { Logger } from '../../lib/logger'
import type { EstimateAnswer, EstimateQuestion } from './protocol'

/** Estimates input tokens beside the thread that relays: a large body takes a tokenizer a good part of a second. */
export interface Estimator {
  /** `encoding`: the body's content-encoding. Never rejects: what cannot be counted is reckoned from its size. */
  estimate(body: Buffer, encoding: string | undefined): Promise<number>
  stop(): Promise<void>
}

export interface EstimatorOptions {
  workerUrl: URL
  maxBytes: number
  logger: Logger
  /** The worker and its vocabulary are let go after so long without work, milliseconds. */
  idleMs?: number
}

const BYTES_PER_TOKEN = 4

export function createEstimator({ workerUrl, maxBytes, logger, idleMs = 300_000 }: EstimatorOptions): Estimator {
  const waiting = new Map<number, (answer: EstimateAnswer) => void>()
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let asked = 0

  function drop(): void {
    void worker?.terminate()
    worker = null
    for (const [id, settle] of waiting) settle({ id, error: 'the worker ended' })
    waiting.clear()
  }

  function start(): Worker {
    const started = new Worker(workerUrl)
    started.unref()
    started.on('message', (answer: EstimateAnswer) => {
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
    })
    started.on('error', (error) => {
      logger.error({ err: error }, 'tokens are reckoned from sizes: the worker that estimates them failed')
      if (worker === started) drop()
    })
    return started
  }

  return {
    async estimate(body, encoding) {
      worker ??= start()
      if (idle) clearTimeout(idle)
      idle = setTimeout(() => {
        if (waiting.size === 0) drop()
      }, idleMs).unref()
      const question: EstimateQuestion = { id: ++asked, body, encoding: encoding?.trim().toLowerCase(), maxBytes }
      const answer = await new Promise<EstimateAnswer>((resolve) => {
        waiting.set(question.id, resolve)
        worker!.postMessage(question)
      })
      return 'tokens' in answer ? answer.tokens : Math.max(1, Math.ceil(body.length / BYTES_PER_TOKEN))
    },
    async stop() {
      if (idle) clearTimeout(idle)
      drop()
    },
  }
}
