import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { byBody, endOf, httpKind, httpUrl, shownUrl, signingSecret } from './http-kind'

/** A custom bot of Feishu or Lark. A `post` takes its text literally: nothing in a name calls people. */
export default httpKind({
  id: 'feishu',
  label: 'notifications.kinds.feishu',
  config: z.strictObject({ url: httpUrl, secret: signingSecret.optional() }),
  form: [
    { name: 'config.url', kind: 'url', label: 'notifications.url', help: 'notifications.feishuHelp', required: true, placeholder: 'https://open.feishu.cn/open-apis/bot/v2/hook/…' },
    { name: 'config.secret', kind: 'secret', label: 'notifications.signingSecret', help: 'notifications.botSecretHelp' },
  ],
  urls: ({ url }) => [url],
  shown: ({ url, secret }) => ({ url: shownUrl(url), ...secret ? { secret: endOf(secret) } : {} }),
  call({ title, text }, { url, secret }, now) {
    const lines = text.split('\n').map(line => [{ tag: 'text', text: line }])
    const timestamp = String(Math.floor(now / 1000))
    const signed = secret ? { timestamp, sign: signatureOf(timestamp, secret) } : {}
    return { url, body: JSON.stringify({ ...signed, msg_type: 'post', content: { post: { zh_cn: { title, content: lines } } } }) }
  },
  judge: answer => byBody(answer, 'code', 'msg'),
})

/** Feishu signs nothing, with time and secret as the key. */
const signatureOf = (timestamp: string, secret: string): string => createHmac('sha256', `${timestamp}\n${secret}`).digest('base64')
