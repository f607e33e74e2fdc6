import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMailer } from '#server/lib/mailer'
import { createOutbound } from '#server/lib/outbound'
import type { Facts } from '#server/notifications/facts'
import { failureOf } from '#server/notifications/failure'
import { channelKinds } from '#server/notifications/kinds/index'
import type { Delivery, Means } from '#server/notifications/kinds/kind'
import { writeMessage } from '#server/notifications/message'
import { startHook, type Hook, type HookAnswer } from '../../helpers/hook'
import { startSmtp, type TestSmtp } from '../../helpers/smtp'

const now = Date.UTC(2026, 0, 5, 12, 0, 0, 123)
/** Whatever a person may have put into a name, to call people or make links. */
const nasty = '<!channel> <at user_id="all"></at> @all [x](http://x) *b* & </a> 帐号'
const facts: Facts = { event: 'account_abnormal', at: now, account: { id: 'acc1', name: nasty }, reason: 'unauthorized', evidence: '401 invalid x-api-key' }
const message = writeMessage('0190aaaa', facts, { language: 'en', timeZone: 'UTC', publicUrl: 'https://relay.example.com' })
const secret = 'SEC0123456789abcdef'

let hook: Hook
let smtp: TestSmtp
const outbound = createOutbound()

beforeAll(async () => {
  smtp = await startSmtp()
})
beforeEach(async () => {
  hook = await startHook()
})
afterEach(() => hook.close())
afterAll(async () => {
  await outbound.close()
  await smtp.close()
})

interface Vendor {
  config(): Record<string, unknown>
  taken: HookAnswer
  /** A refusal as the vendor gives it, and what people are told of it. */
  refusals: [HookAnswer, Partial<Delivery>][]
  secrets: string[]
}

/** The vendors' documented answers. */
const vendors: Record<string, Vendor> = {
  webhook: {
    config: () => ({ url: `${hook.url}/hooks/secret-path-1234567890`, secret }),
    taken: { status: 204 },
    refusals: [[{ status: 500, body: 'broken\n  here' }, { status: 500, message: 'broken here' }], [{ status: 429, headers: { 'retry-after': '30' } }, { status: 429, retryAfterMs: 30_000 }]],
    secrets: ['secret-path', secret],
  },
  slack: {
    config: () => ({ url: `${hook.url}/services/T000/B000/XXXXXXXXXXXXXXXXXXXXXXXX` }),
    taken: { body: 'ok' },
    refusals: [[{ status: 403, body: 'invalid_token' }, { status: 403, message: 'invalid_token' }], [{ status: 410, body: 'channel_is_archived' }, { message: 'channel_is_archived' }]],
    secrets: ['T000/B000'],
  },
  feishu: {
    config: () => ({ url: `${hook.url}/open-apis/bot/v2/hook/5e3d587e-d78e-4a07`, secret }),
    taken: { body: '{"code":0,"msg":"success","data":{},"Extra":null,"StatusCode":0,"StatusMessage":"success"}' },
    refusals: [
      [{ body: '{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time","data":{}}' }, { status: 200, message: '19021 sign match fail or timestamp is not within one hour from current time' }],
      [{ body: '{"code":11232,"msg":"frequency limited"}' }, { message: '11232 frequency limited' }],
      [{ status: 400, body: '{"code":9499,"msg":"Bad Request","data":{}}' }, { status: 400, message: '9499 Bad Request' }],
      [{ body: '<html>a login page</html>' }, { status: 200 }],
    ],
    secrets: ['5e3d587e', secret],
  },
  dingtalk: {
    config: () => ({ url: `${hook.url}/robot/send?access_token=0123456789abcdef`, secret }),
    taken: { body: '{"errcode":0,"errmsg":"ok"}' },
    refusals: [[{ body: '{"errcode":310000,"errmsg":"sign not match"}' }, { status: 200, message: '310000 sign not match' }], [{ body: '[]' }, { status: 200 }]],
    secrets: ['0123456789abcdef', secret],
  },
  telegram: {
    config: () => ({ botToken: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11', chatId: '-1001234', apiUrl: `${hook.url}/` }),
    taken: { body: '{"ok":true,"result":{"message_id":1}}' },
    refusals: [
      [{ status: 400, body: '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}' }, { status: 400, message: 'Bad Request: chat not found' }],
      [{ status: 429, body: '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}' }, { status: 429, retryAfterMs: 7000 }],
      [{ body: '{"ok":false}' }, { status: 200 }],
    ],
    secrets: ['ABC-DEF1234'],
  },
}

const send = (id: string, config: Record<string, unknown>, means: Partial<Means> = {}): Promise<Delivery> => {
  const kind = channelKinds[id]!
  return kind.send(message, kind.config.parse(config), { outbound, mailer: null, allowPrivate: true, now, ...means })
}

test('every kind is tested here', () => {
  expect(Object.keys(channelKinds).sort()).toEqual([...Object.keys(vendors), 'email'].sort())
})

describe.each(Object.entries(vendors))('%s', (id, vendor) => {
  const kind = channelKinds[id]!

  test('an answer that takes the message is a delivery', async () => {
    hook.answers(vendor.taken)
    expect(await send(id, vendor.config())).toMatchObject({ ok: true, reason: 'delivered' })
    expect(hook.calls).toHaveLength(1)
    expect(hook.calls[0]!.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'user-agent': expect.stringMatching(/^claude-code-relay\//) as string })
  })

  test('a refusal is none, and the vendor\'s words are kept', async () => {
    for (const [answer, told] of vendor.refusals) {
      hook.answers(answer)
      expect(await send(id, vendor.config())).toMatchObject({ ok: false, reason: 'refused', ...told })
    }
  })

  test('a redirect is not followed', async () => {
    hook.answers({ status: 302, headers: { location: `${hook.url}/elsewhere` } })
    expect(await send(id, vendor.config())).toMatchObject({ ok: false, reason: 'redirected', status: 302 })
    expect(hook.calls).toHaveLength(1)
  })

  test('a user\'s channel does not get to a private address', async () => {
    await expect(send(id, vendor.config(), { allowPrivate: false }).catch((error: unknown) => failureOf(error))).resolves.toMatchObject({ reason: 'private_address' })
    expect(hook.calls).toEqual([])
  })

  test('what may be shown holds no secret, and says that every field is set', () => {
    const config = vendor.config()
    const shown = kind.shown(kind.config.parse(config))
    for (const hidden of vendor.secrets) expect(JSON.stringify(shown)).not.toContain(hidden)
    expect(Object.keys(shown).sort()).toEqual(Object.keys(config).sort())
  })

  test('every address that it calls is told, for the check at the entry', () => {
    expect(kind.urls(kind.config.parse(vendor.config()))).toEqual([expect.stringContaining(hook.url)])
  })

  test('the form has a field for all that the config takes', () => {
    const config = vendor.config()
    expect(kind.form.map(({ name }) => name).sort()).toEqual(Object.keys(config).map(name => `config.${name}`).sort())
    for (const { name, required } of kind.form) {
      const { [name.slice(7)]: _, ...without } = config
      expect(kind.config.safeParse(without).success, name).toBe(!required)
    }
    expect(kind.config.safeParse({ ...config, more: 1 }).success).toBe(false)
  })

  test.each(['ftp://example.com/x', 'javascript:alert(1)', 'https://user:pass@example.com/x', 'no address'])('%s is no address', (url) => {
    const config = vendor.config()
    const field = 'url' in config ? 'url' : 'apiUrl'
    expect(kind.config.safeParse({ ...config, [field]: url }).success).toBe(false)
  })
})

describe('the payload', () => {
  const body = async (id: string, given: Record<string, unknown> = {}) => {
    hook.answers(vendors[id]!.taken)
    await send(id, { ...vendors[id]!.config(), ...given })
    return hook.calls[0]!
  }

  test('of a webhook is the message with its facts', async () => {
    expect((await body('webhook')).json).toEqual({
      id: '0190aaaa', event: 'account_abnormal', at: now, title: message.title, text: message.text,
      details: { account: { id: 'acc1', name: nasty }, reason: 'unauthorized', evidence: '401 invalid x-api-key' },
    })
  })

  test.each([
    [secret, Buffer.from(secret)],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')],
  ])('of a webhook is signed with %s after the Standard Webhooks specification', async (given, key) => {
    const call = await body('webhook', { secret: given })
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = call.headers
    expect([id, timestamp]).toEqual(['0190aaaa', String(Math.floor(now / 1000))])
    expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${String(id)}.${String(timestamp)}.${call.body}`).digest('base64')}`)
  })

  test('of a webhook without a secret has no signature', async () => {
    hook.answers({})
    await send('webhook', { url: hook.url })
    expect(hook.calls[0]!.headers['webhook-signature']).toBeUndefined()
  })

  test('of Slack is one text in which no name calls a channel or makes a link', async () => {
    const { json } = await body('slack')
    expect(Object.keys(json)).toEqual(['text'])
    expect(json.text).toMatch(/^\*Account “&lt;!channel&gt;/)
    expect(String(json.text).replace(/https:\/\/relay\S+/, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
  })

  test('of Feishu is a post, whose text is literal, signed with the seconds', async () => {
    const { json } = await body('feishu')
    const timestamp = String(Math.floor(now / 1000))
    expect(json).toEqual({
      timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64'), msg_type: 'post',
      content: { post: { zh_cn: { title: message.title, content: message.text.split('\n').map(text => [{ tag: 'text', text }]) } } },
    })
  })

  test('of Feishu without a secret has no signature', async () => {
    hook.answers(vendors.feishu!.taken)
    await send('feishu', { url: hook.url })
    expect(Object.keys(hook.calls[0]!.json)).toEqual(['msg_type', 'content'])
  })

  test('of DingTalk is a text; milliseconds and signature are in the address', async () => {
    const { json, path } = await body('dingtalk')
    expect(json).toEqual({ msgtype: 'text', text: { content: `${message.title}\n${message.text}` } })
    const { pathname, searchParams } = new URL(path, hook.url)
    expect([pathname, searchParams.get('access_token'), searchParams.get('timestamp')]).toEqual(['/robot/send', '0123456789abcdef', String(now)])
    expect(searchParams.get('sign')).toBe(createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'))
  })

  test('of Telegram is plain text to the chat, and the token is in the path', async () => {
    const { json, path } = await body('telegram')
    expect(path).toBe('/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage')
    expect(json).toEqual({ chat_id: '-1001234', text: `${message.title}\n${message.text}`, link_preview_options: { is_disabled: true } })
  })
})

describe('email', () => {
  test('goes to the recipient, with the title as its subject', async () => {
    const delivery = await send('email', { to: 'ann@example.org' }, { mailer: createMailer(smtp.settings) })
    expect(delivery).toMatchObject({ ok: true, reason: 'delivered', status: 250 })
    expect(smtp.mails.at(-1)).toMatchObject({ to: ['ann@example.org'] })
  })

  test('without a mail server is not available, and says so', async () => {
    expect(channelKinds.email!.available({ mailer: null })).toBe(false)
    expect(await send('email', { to: 'ann@example.org' })).toMatchObject({ ok: false, reason: 'unavailable' })
  })

  test.each(['no address', 'a@example.com, b@example.com', 'a@example.com\r\nBcc: eve@example.net'])('%j is no recipient', (to) => {
    expect(channelKinds.email!.config.safeParse({ to }).success).toBe(false)
  })

  test('a refused recipient is a refusal with the server\'s status', async () => {
    const strict = await startSmtp({ refuse: 'no such mailbox' })
    const failed = send('email', { to: 'ann@example.org' }, { mailer: createMailer(strict.settings) }).catch((error: unknown) => failureOf(error))
    expect(await failed).toMatchObject({ ok: false, reason: 'refused', status: 550, message: expect.stringContaining('no such mailbox') as string })
    await strict.close()
  })
})
