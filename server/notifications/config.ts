import { anyRecord, parseColumn } from '../lib/json-column'
import type { Sealer } from '../lib/seal'

/** What the sealed config of a channel is bound to: moved to another row it does not open. */
const contextOf = (channelId: string): string => `channel:${channelId}:config`

export const sealConfig = (sealer: Sealer, channelId: string, config: Record<string, unknown>): string => sealer.seal(JSON.stringify(config), contextOf(channelId))

/** Throws SealError when it was sealed under another key or for another channel. */
export const openConfig = (sealer: Sealer, row: { id: string, config: string }): Record<string, unknown> =>
  parseColumn(anyRecord, sealer.open(row.config, contextOf(row.id)), 'notification_channels.config')
