import { connect } from 'node:net'
import { end, findProgram, start, untilReady } from './processes.mjs'

export const redisProgram = () => findProgram('redis-server', 'valkey-server')

const pongs = port => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
  const answer = (value) => {
    socket.destroy()
    resolve(value)
  }
  socket.once('data', data => answer(String(data).startsWith('+PONG')))
  socket.once('error', () => answer(false))
  socket.once('close', () => answer(false))
})

/**
 * Starts a throw-away Redis without persistence on `port` of loopback.
 * @param {{ dir: string, port: number }} where
 * @returns {Promise<{ url: string, port: number, stop(signal?: NodeJS.Signals): Promise<void> }>}
 */
export async function startRedis({ dir, port }) {
  const program = redisProgram()
  if (!program) throw new Error('redis-server is not on this machine')
  const service = start(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir])
  await untilReady('Redis', () => pongs(port), service)
  return { url: `redis://127.0.0.1:${port}`, port, stop: (signal = 'SIGTERM') => end(service.child, signal) }
}
