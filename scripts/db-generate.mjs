// Writes the migrations that the schema calls for, for both dialects: npm run db:generate -- --name add_something
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const kit = fileURLToPath(new URL('../node_modules/drizzle-kit/bin.cjs', import.meta.url))

for (const dialect of ['sqlite', 'mysql']) {
  const { status } = spawnSync(process.execPath, [kit, 'generate', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DIALECT: dialect },
  })
  if (status !== 0) process.exit(status ?? 1)
}
