import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from './apt.mjs'
import { ensureClient } from './client.mjs'
import { mariadbPrograms, startMariadb } from './mariadb.mjs'
import { findProgram, freePort } from './processes.mjs'
import { proxyPrograms } from './proxies.mjs'
import { redisProgram, startRedis } from './redis.mjs'

const chromium = () => findProgram('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome')
const setupPrograms = ['zsh', 'fish', 'dash', 'bash', 'curl', 'wget', 'jq', 'python3']
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/**
 * What tests may need. `variable`: where they find it; `there`: can it be had without an installation;
 * `open`: makes it ready and gives the variable's value.
 */
const kinds = {
  mysql: {
    label: 'MariaDB',
    variable: 'TEST_MYSQL_URL',
    there: () => mariadbPrograms() !== null,
    packages: ['mariadb-server'],
    how: 'put mariadbd and mariadb-install-db on the PATH, or give TEST_MYSQL_URL=mysql://user:password@host:port (a user who may create databases)',
    open: async dir => (await startMariadb({ dir, port: await freePort() })).url,
  },
  redis: {
    label: 'Redis',
    variable: 'TEST_REDIS_URL',
    there: () => redisProgram() !== null,
    packages: ['redis-server'],
    how: 'put redis-server on the PATH, or give TEST_REDIS_URL=redis://host:port (an empty instance)',
    open: async dir => (await startRedis({ dir, port: await freePort() })).url,
  },
  proxies: {
    label: 'microsocks and tinyproxy',
    variable: 'TEST_PROXIES',
    there: () => proxyPrograms() !== null,
    packages: ['microsocks', 'tinyproxy-bin'],
    how: 'put microsocks and tinyproxy on the PATH',
    open: async () => Object.values(proxyPrograms()).join(' '),
  },
  chromium: {
    label: 'Chromium',
    variable: 'CHROMIUM_PATH',
    there: () => chromium() !== null || existsSync(macChrome),
    packages: ['chromium', 'fonts-noto-cjk'],
    how: 'install Chromium or Chrome, or give CHROMIUM_PATH=/path/to/chromium',
    open: async () => chromium() ?? macChrome,
  },
  shells: {
    label: 'zsh, fish and what the set-up script works with',
    variable: 'TEST_SHELLS',
    there: () => setupPrograms.every(name => findProgram(name) !== null),
    packages: setupPrograms,
    how: `put ${setupPrograms.join(', ')} on the PATH`,
    open: async () => `${findProgram('zsh')} ${findProgram('fish')}`,
  },
  client: {
    label: 'Claude Code',
    variable: 'CLAUDE_CLIENT_PATH',
    there: () => true,
    packages: [],
    how: 'let npm reach its registry, or give CLAUDE_CLIENT_PATH=/path/to/claude',
    open: async (_dir, root) => await ensureClient(root),
  },
}

async function open(name, { dir, root }) {
  const kind = kinds[name]
  const home = join(dir, name)
  mkdirSync(home)
  return await kind.open(home, root)
}

/**
 * Brings the services that `names` name: those given by variable as they are, else from this machine's programs,
 * throw-away and on loopback, which on Debian are installed first when this is root.
 * @param {string[]} names
 * @param {{ dir: string, root: string }} where
 * @returns {Promise<{ env: Record<string, string>, missing: { name: string, how: string }[] }>}
 */
export async function provide(names, { dir, root }) {
  const env = {}
  const missing = []
  const wanted = names.filter(name => !process.env[kinds[name].variable])
  await installPackages(wanted.filter(name => !kinds[name].there()).flatMap(name => kinds[name].packages))
  for (const name of wanted) {
    const { label, variable, there, how } = kinds[name]
    try {
      if (!there()) throw new Error('it is not on this machine')
      env[variable] = await open(name, { dir, root })
    }
    catch (error) {
      missing.push({ name: label, how: `${error.message}\n  ${how}` })
    }
  }
  return { env, missing }
}
