import { z } from 'zod'
import { byStatus, httpKind, httpUrl, shownUrl } from './http-kind'

/** An incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat). */
export default httpKind({
  id: 'slack',
  label: 'notifications.kinds.slack',
  config: z.strictObject({ url: httpUrl }),
  form: [{ name: 'config.url', kind: 'url', label: 'notifications.url', help: 'notifications.slackHelp', required: true, placeholder: 'https://hooks.slack.com/services/…' }],
  urls: ({ url }) => [url],
  shown: ({ url }) => ({ url: shownUrl(url) }),
  call: ({ title, text }, { url }) => ({ url, body: JSON.stringify({ text: `*${escape(title)}*\n${escape(text)}` }) }),
  judge: byStatus,
})

/** The three characters that Slack takes for control, so that no name makes a link or calls a channel. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
