import { startProcess } from './process'

/** Runs a command in a terminal of its own, types once it is asked, and tells whether the terminal shows what is typed at the end. */
const program = `
import json, os, pty, sys, termios
asks, types = sys.stdin.readline().rstrip("\\n"), sys.stdin.readline().rstrip("\\n")
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen, typed = b"", False
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if not typed and asks.encode() in seen:
        typed = True
        os.write(terminal, types.encode().decode("unicode_escape").encode())
shows = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"code": code, "seen": seen.decode(), "shows": shows}))
`

interface Typing {
  env: Record<string, string>
  cwd: string
  /** The words after which something is typed. */
  asks: string
  /** With \\n and \\x03 for the keys. */
  types: string
}

/** Needs python3. */
export async function runInTerminal(command: string[], { env, cwd, asks, types }: Typing): Promise<{ code: number, seen: string, shows: boolean }> {
  const started = await startProcess('/bin/sh', ['-c', 'printf "%s\\n%s\\n" "$TERMINAL_ASKS" "$TERMINAL_TYPES" | { unset TERMINAL_ASKS TERMINAL_TYPES; exec python3 -c "$0" "$@"; }', program, ...command], {
    env: { ...env, TERMINAL_ASKS: asks, TERMINAL_TYPES: types }, cwd,
  })
  await started.exited
  const last = started.stdout().trim().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(`The terminal ended with:\n${started.output()}`)
  return JSON.parse(last) as { code: number, seen: string, shows: boolean }
}
