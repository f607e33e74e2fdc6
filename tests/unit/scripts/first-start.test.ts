import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A project whose `nuxt build` writes a server of a few lines; installed from a folder, so no network is needed. */
const fakeBuild = `
import { mkdirSync, writeFileSync } from 'node:fs'
console.log('much that nobody needs to read')
mkdirSync('.output/server', { recursive: true })
writeFileSync('.output/server/index.mjs', \`
  const alive = setInterval(() => {}, 1000)
  process.on('SIGTERM', () => { clearInterval(alive); console.log('ending'); process.exitCode = 7 })
  if ('\${process.argv[2]} \${process.env.NODE_ENV}' !== 'build production') throw new Error('built otherwise')
  console.log('ready', process.env.NODE_ENV, process.env.GREETING, process.cwd())
\`)
`

let root: string
const started = new Set<ChildProcess>()

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'relay-first-start-'))
  cpSync('scripts', join(root, 'scripts'), { recursive: true })
  put('package.json', '{"name":"x","type":"module","scripts":{"start":"node scripts/start.mjs"},"devDependencies":{"nuxt":"file:fake-nuxt"}}')
  put('fake-nuxt/package.json', '{"name":"nuxt","version":"1.0.0"}')
  put('fake-nuxt/bin/nuxt.mjs', fakeBuild)
  put('server/a.ts', '1')
  put('.env', 'GREETING=hello\n')
  execFileSync('npm', ['install', '--package-lock-only', '--offline', '--ignore-scripts'], { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' })
})

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

function put(path: string, content: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** Runs the start script until the server says that it is ready, ends it, and gives what was printed and the exit code. */
async function start(env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], { cwd: tmpdir(), env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      // Once: a second one may arrive when the process has no handlers left.
      if (text.includes('ready')) child.kill('SIGTERM')
    })
  }
  const [code] = await exited as [number | null]
  return { output, code }
}

test('an empty clone is installed and built, also when the shell says NODE_ENV=production; the signal and the exit code are the server\'s', async () => {
  const { output, code } = await start({ NODE_ENV: 'production' })
  expect(output).toMatch(/Installing[\s\S]*Building[\s\S]*ready production hello/)
  expect(output).not.toContain('nobody needs')
  expect(output).toContain(root)
  expect(code).toBe(7)
})

test('the second start does neither', async () => {
  const { output, code } = await start({ NODE_ENV: 'development', GREETING: 'given' })
  expect(output).toMatch(/^ready production given /)
  expect(code).toBe(7)
})

test('a signal to npm ends the server, once and in order', async () => {
  const npm = spawn('npm', ['start'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  started.add(npm)
  const closed = once(npm, 'close')
  let output = ''
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (text.includes('ready')) npm.kill('SIGTERM')
  })
  await closed
  expect(output.match(/ending/g)).toHaveLength(1)
})

test('a changed source builds again, and a failing build ends with its hint and no stale server', async () => {
  put('server/a.ts', '2')
  expect((await start()).output).toMatch(/^Building[\s\S]*ready/)
  put('server/a.ts', '3')
  put('fake-nuxt/bin/nuxt.mjs', 'console.error("no memory left"); process.exit(1)')
  const { output, code } = await start()
  expect(output).toMatch(/no memory left[\s\S]*The build failed/)
  expect(output).not.toMatch(/ready|at .*\.mjs:\d/)
  expect(code).toBe(1)
})
