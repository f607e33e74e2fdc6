import { existsSync } from 'node:fs'

/** Reads a `.env` file, if it is there. Variables that are already given win. */
export function loadEnvFile(path) {
  if (existsSync(path)) process.loadEnvFile(path)
}
