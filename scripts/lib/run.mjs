import { spawn } from 'node:child_process'

/** A failure whose message says all that the user needs; shown without a stack. */
export class ExpectedError extends Error {
  expected = true
}

/**
 * Runs a program and waits for it; its output is visible, or when `quiet` only if it fails. Signals end it with us.
 * Throws {@link ExpectedError} with `hint` when it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, quiet?: boolean, hint: string }} options
 */
export function run(program, args, { hint, quiet = false, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...options })
    const output = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => output.push(chunk))
    const pass = signal => child.kill(signal)
    process.on('SIGINT', pass).on('SIGTERM', pass)
    const done = () => process.off('SIGINT', pass).off('SIGTERM', pass)
    child.on('error', (error) => {
      done()
      reject(new ExpectedError(`${program} did not start: ${error.message}\n${hint}`))
    })
    child.on('close', (code, signal) => {
      done()
      if (code === 0) return resolve()
      process.stderr.write(Buffer.concat(output))
      reject(new ExpectedError(`${[program, ...args].join(' ')} ended with ${signal ?? `code ${code}`}.\n${hint}`))
    })
  })
}
