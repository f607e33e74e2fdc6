import { z } from 'zod'
import type { PublicSettings } from '#shared/types/api'
import type { Config } from '../config'
import type { Repos } from '../db/repos/index'

const text = z.string()

/** What every visitor may know of this installation. */
export async function publicSettings(repos: Repos, config: Config): Promise<PublicSettings> {
  const read = async (key: string): Promise<string | null> => {
    const json = await repos.settings.get(key)
    return json === null ? null : text.parse(JSON.parse(json))
  }
  const [operatorName, notice] = await Promise.all([read('operator.name'), read('operator.notice')])
  return { operatorName, publicUrl: config.PUBLIC_URL ?? null, notice }
}
