import { spawn } from 'node:child_process'

/** A failure whose message says all that the user needs; shown without a stack. */
export class ExpectedError extends Error {
  expected = true
}

/**
 * Runs a program with its output visible, and waits for it. Signals end it with us.
 * Throws {@link ExpectedError} with `hint` when it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, hint: string }} options
 */
export function run(program, args, { hint, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options })
    const pass = signal => child.kill(signal)
    process.on('SIGINT', pass).on('SIGTERM', pass)
    const done = () => process.off('SIGINT', pass).off('SIGTERM', pass)
    child.on('error', (error) => {
      done()
      reject(new ExpectedError(`${program} did not start: ${error.message}\n${hint}`))
    })
    child.on('exit', (code, signal) => {
      done()
      if (code === 0) resolve()
      else reject(new ExpectedError(`${[program, ...args].join(' ')} ended with ${signal ?? `code ${code}`}.\n${hint}`))
    })
  })
}
