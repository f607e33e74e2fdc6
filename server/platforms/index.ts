import claude from './claude/index'
import claudeConsole from './claude_console/index'
import openai from './openai/index'
import type { Platform } from './platform'

/** Every platform by its id. */
export const platforms: Readonly<Record<string, Platform>> = { [claudeConsole.id]: claudeConsole, [claude.id]: claude, [openai.id]: openai }

/** Throws when an account names a platform that this version does not know. */
export function platformOf(id: string): Platform {
  const platform = platforms[id]
  if (!platform) throw new Error(`unknown platform ${id}`)
  return platform
}
