import claudeConsole from './claude_console/index'
import type { Platform } from './platform'

/** Every platform by its id. */
export const platforms: Readonly<Record<string, Platform>> = { [claudeConsole.id]: claudeConsole }

/** Throws when an account names a platform that this version does not know. */
export function platformOf(id: string): Platform {
  const platform = platforms[id]
  if (!platform) throw new Error(`unknown platform ${id}`)
  return platform
}
