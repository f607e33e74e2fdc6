import { findProgram } from './processes.mjs'

/** A SOCKS5 and an HTTP proxy, or null when either is not on this machine. */
export function proxyPrograms() {
  const socks = findProgram('microsocks')
  const http = findProgram('tinyproxy')
  return socks && http ? { socks, http } : null
}
