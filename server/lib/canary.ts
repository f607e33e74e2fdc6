import type { Clock } from './clock'
import type { Sealer } from './seal'
import { SealError } from './seal'

const KEY = 'secret.canary'
const TEXT = 'claude-code-relay'

interface Settings {
  get(key: string): Promise<string | null>
  /** True when the key was absent. */
  setOnce(row: { key: string, value: string, updatedAt: number, updatedBy: string | null }): Promise<boolean>
}

/**
 * Notices a wrong secret key at start instead of at the first request: a sealed row must open, with the current or the
 * previous key. Throws an Error for people.
 */
export async function checkCanary({ settings, sealer, clock }: { settings: Settings, sealer: Sealer, clock: Clock }): Promise<void> {
  const sealed = await settings.get(KEY)
  if (sealed !== null && !opens(sealer, sealed)) {
    throw new Error('The secret key does not fit the sealed data in the database. Start with the RELAY_SECRET_KEY (or the secret.key file) that this data was written with; after a change of key, give the old one as RELAY_SECRET_KEY_PREVIOUS.')
  }
  if (sealed === null) await settings.setOnce({ key: KEY, value: sealer.seal(TEXT, KEY), updatedAt: clock.now(), updatedBy: null })
}

function opens(sealer: Sealer, sealed: string): boolean {
  try {
    return sealer.open(sealed, KEY) === TEXT
  }
  catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}
