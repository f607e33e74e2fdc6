import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export interface Exit { code: number | null, signal: NodeJS.Signals | null }

/** A child process with its output, ended with the test process at the latest. */
export interface Running {
  pid: number
  /** Standard output and error so far, as they came. */
  output(): string
  stdout(): string
  exited: Promise<Exit>
  /** Null while it runs. */
  exit: Exit | null
  /** Sends a signal and waits for the end. Does nothing when it has ended. */
  end(signal: NodeJS.Signals): Promise<Exit>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program with exactly this environment. Rejects when it cannot be started. */
export async function startProcess(program: string, args: string[], { env, cwd }: { env: Record<string, string>, cwd?: string }): Promise<Running> {
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let all = ''
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    all += text
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text
  })
  running.add(child)
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      started.exit = { code, signal }
      resolve(started.exit)
    })
  })
  const started: Running = {
    pid: 0, exit: null, exited,
    output: () => all,
    stdout: () => out,
    async end(signal) {
      if (!started.exit) child.kill(signal)
      return await exited
    },
  }
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error as Error))])
  started.pid = child.pid ?? 0
  return started
}
