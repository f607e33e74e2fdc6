import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess } from './process'
import { cleanEnv } from './server'
import { service } from './services'

/** What `claude -p --output-format json` tells. */
export interface ClientResult {
  result: string
  is_error: boolean
  api_error_status: number | null
  num_turns: number
  session_id: string
  total_cost_usd: number
  permission_denials: { tool_name: string }[]
  modelUsage: Record<string, { inputTokens: number, outputTokens: number, cacheReadInputTokens: number, cacheCreationInputTokens: number, costUSD: number }>
}

export interface ClientRun {
  code: number | null
  /** Parsed output; throws, with all output, when it is no JSON. */
  json(): ClientResult
  output: string
}

/** A user of the real client: one home directory, one working directory. */
export interface Client {
  home: string
  /** Runs `claude -p` to its end. */
  run(prompt: string, args?: string[], env?: Record<string, string>): Promise<ClientRun>
  remove(): Promise<void>
}

/** `base` is what ANTHROPIC_BASE_URL gets. */
export async function createClient({ base, key }: { base: string, key: string }): Promise<Client> {
  const home = await mkdtemp(join(tmpdir(), 'relay-client-'))
  const env = {
    ...cleanEnv(home),
    ANTHROPIC_BASE_URL: base,
    ANTHROPIC_AUTH_TOKEN: key,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Keeps failures short: the client's own default is ten tries in three minutes.
    CLAUDE_CODE_MAX_RETRIES: '2',
    IS_SANDBOX: '1',
  }
  return {
    home,
    async run(prompt, args = [], more = {}) {
      const process = await startProcess(service('client'), ['-p', prompt, '--output-format', 'json', ...args], { env: { ...env, ...more }, cwd: home })
      const { code } = await process.exited
      return {
        code,
        output: process.output(),
        json() {
          try {
            return JSON.parse(process.stdout()) as ClientResult
          }
          catch {
            throw new Error(`The client ended with ${code} and printed:\n${process.output()}`)
          }
        },
      }
    },
    remove: async () => await rm(home, { recursive: true, force: true }),
  }
}
