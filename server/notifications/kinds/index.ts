import dingtalk from './dingtalk'
import email from './email'
import feishu from './feishu'
import type { ChannelKind } from './kind'
import slack from './slack'
import telegram from './telegram'
import webhook from './webhook'

/** Every kind of channel by its id, in the order in which people choose from them. */
export const channelKinds: Readonly<Record<string, ChannelKind>> = Object.fromEntries([webhook, slack, feishu, dingtalk, telegram, email].map(kind => [kind.id, kind]))
