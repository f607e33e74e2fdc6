import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { end, findProgram, start, untilReady } from './processes.mjs'

export const mariadbPrograms = () => {
  const server = findProgram('mariadbd')
  const install = findProgram('mariadb-install-db')
  return server && install ? { server, install } : null
}

/** A MySQL-protocol server greets first. */
const greets = port => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1')
  const answer = (value) => {
    socket.destroy()
    resolve(value)
  }
  socket.once('data', () => answer(true))
  socket.once('error', () => answer(false))
  socket.once('close', () => answer(false))
})

/**
 * Starts a throw-away MariaDB in `dir` (made when absent, kept between starts) on `port` of loopback.
 * @param {{ dir: string, port: number }} where
 * @returns {Promise<{ url: string, port: number, stop(signal?: NodeJS.Signals): Promise<void> }>} `url` has no database.
 */
export async function startMariadb({ dir, port }) {
  const programs = mariadbPrograms()
  if (!programs) throw new Error('mariadbd and mariadb-install-db are not on this machine')
  const data = join(dir, 'data')
  const account = userInfo().uid === 0 ? ['--user=root'] : []
  if (!existsSync(data)) {
    await mkdir(data, { recursive: true })
    const install = start(programs.install, ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...account])
    const { code } = await install.ended
    if (code !== 0) throw new Error(`mariadb-install-db failed:\n${install.output.text.slice(-4000)}`)
  }
  const service = start(programs.server, [
    '--no-defaults', `--datadir=${data}`, `--socket=${join(dir, 's')}`, `--pid-file=${join(dir, 'pid')}`, `--port=${port}`,
    '--bind-address=127.0.0.1', '--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=2', '--innodb-use-native-aio=0',
    '--max-connections=300', '--skip-name-resolve', '--character-set-server=utf8mb4', ...account,
  ])
  await untilReady('MariaDB', () => greets(port), service)
  return {
    url: `mysql://root@127.0.0.1:${port}`,
    port,
    stop: (signal = 'SIGTERM') => end(service.child, signal),
  }
}
