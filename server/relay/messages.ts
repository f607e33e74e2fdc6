/** What the relay tells the users of its keys, in the language of the key's owner. */
const en = {
  keyExpired: 'This API key expired at {at}. Ask its owner to extend it.',
  keyDisabled: 'This API key is disabled. Ask its owner to enable it.',
  keyBroken: 'The settings of this API key ({what}) cannot be read, so it is refused. Ask its owner to save its limits anew.',
  ownerDisabled: 'The owner of this API key is disabled. Ask the administrator.',
  groupDisabled: 'The group of this API key is disabled. Ask its owner to enable it.',
  ipDenied: 'This API key may not be used from {ip}. Ask its owner to allow the address.',
  clientDenied: 'This API key may only be used with: {allowed}.',
  modelDenied: 'This API key may not use the model {model}. It may use: {allowed}.',
  rate: 'Too many requests: this API key has made {used} of its {cap} requests per minute. The next one may be made at {reset}.',
  concurrency: 'Too many requests at once: {used} of the {cap} that this API key may run are running. Try again when one has ended.',
  costDay: 'Daily cost limit reached: this API key has used {used} of {cap} USD today. It resets at {reset}.',
  costWeek: 'Weekly cost limit reached: this API key has used {used} of {cap} USD this week. It resets at {reset}.',
  costMonth: 'Monthly cost limit reached: this API key has used {used} of {cap} USD this month. It resets at {reset}.',
  costTotal: 'Cost limit reached: this API key has used {used} of {cap} USD in all. It does not reset: ask its owner to raise it.',
  costReserved: 'This API key has used {used} of {cap} USD, and requests that are running may use up the rest ({reserved} USD set aside). Try again when they have ended. The limit resets at {reset}.',
  never: 'never',
  costUnknown: 'What this API key has used cannot be read right now, so its cost limit cannot be checked. Try again shortly.',
} as const

export type MessageKey = keyof typeof en

const zh: Record<MessageKey, string> = {
  keyExpired: '此 API 密钥已于 {at} 过期。请联系密钥的所有者延长有效期。',
  keyDisabled: '此 API 密钥已停用。请联系密钥的所有者启用。',
  keyBroken: '此 API 密钥的设置（{what}）无法读取，因此请求被拒绝。请联系密钥的所有者重新保存限额。',
  ownerDisabled: '此 API 密钥的所有者已停用。请联系管理员。',
  groupDisabled: '此 API 密钥所在的分组已停用。请联系密钥的所有者启用。',
  ipDenied: '此 API 密钥不允许从 {ip} 使用。请联系密钥的所有者放行该地址。',
  clientDenied: '此 API 密钥只能用于以下客户端：{allowed}。',
  modelDenied: '此 API 密钥不能使用模型 {model}。可用模型：{allowed}。',
  rate: '请求过于频繁：此 API 密钥每分钟限 {cap} 次请求，已用 {used} 次。可在 {reset} 之后再次请求。',
  concurrency: '并发请求过多：此 API 密钥最多同时运行 {cap} 个请求，现有 {used} 个正在运行。请等其中一个结束后再试。',
  costDay: '已达每日费用上限：此 API 密钥今日已用 {used} / {cap} 美元，将于 {reset} 重置。',
  costWeek: '已达每周费用上限：此 API 密钥本周已用 {used} / {cap} 美元，将于 {reset} 重置。',
  costMonth: '已达每月费用上限：此 API 密钥本月已用 {used} / {cap} 美元，将于 {reset} 重置。',
  costTotal: '已达总费用上限：此 API 密钥累计已用 {used} / {cap} 美元。总上限不会重置，请联系密钥的所有者提高上限。',
  costReserved: '此 API 密钥已用 {used} / {cap} 美元，正在运行的请求可能用完余额（已预留 {reserved} 美元）。请等它们结束后再试。上限将于 {reset} 重置。',
  never: '不重置',
  costUnknown: '暂时无法读取此 API 密钥的已用费用，因此无法检查费用上限。请稍后再试。',
}

/** The message in the owner's language: zh-CN, or English for any other. */
export function say(locale: string | null, key: MessageKey, params: Record<string, string | number> = {}): string {
  const text: string = locale?.startsWith('zh') ? zh[key] : en[key]
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
}

/** Epoch-ms as people and programs read it. */
export const iso = (at: number): string => new Date(at).toISOString()
