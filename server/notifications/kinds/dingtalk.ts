import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { byBody, endOf, httpKind, httpUrl, shownUrl, signingSecret } from './http-kind'

/** A custom robot of DingTalk. */
export default httpKind({
  id: 'dingtalk',
  label: 'notifications.kinds.dingtalk',
  config: z.strictObject({ url: httpUrl, secret: signingSecret.optional() }),
  form: [
    { name: 'config.url', kind: 'url', label: 'notifications.url', help: 'notifications.dingtalkHelp', required: true, placeholder: 'https://oapi.dingtalk.com/robot/send?access_token=…' },
    { name: 'config.secret', kind: 'secret', label: 'notifications.signingSecret', help: 'notifications.botSecretHelp', placeholder: 'SEC…' },
  ],
  urls: ({ url }) => [url],
  shown: ({ url, secret }) => ({ url: shownUrl(url), ...secret ? { secret: endOf(secret) } : {} }),
  call: ({ title, text }, { url, secret }, now) => ({
    url: secret ? signed(url, secret, String(now)) : url,
    body: JSON.stringify({ msgtype: 'text', text: { content: `${title}\n${text}` } }),
  }),
  judge: answer => byBody(answer, 'errcode', 'errmsg'),
})

/** Time in milliseconds and signature go into the address. */
function signed(url: string, secret: string, timestamp: string): string {
  const address = new URL(url)
  address.searchParams.set('timestamp', timestamp)
  address.searchParams.set('sign', createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'))
  return address.href
}
