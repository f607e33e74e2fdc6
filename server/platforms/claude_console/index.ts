import { z } from 'zod'
import { anthropicProbes } from '../_shared/anthropic-probes'
import { anthropicUsage } from '../_shared/anthropic-usage'
import { judgeAnthropic } from '../_shared/anthropic-verdicts'
import { definePlatform } from '../platform'
import { consoleRequest } from './request'

/** Any Anthropic-format endpoint with an API key: the official API, GLM, Kimi, Qwen, DeepSeek, mirrors. */
export default definePlatform({
  id: 'claude_console',
  label: 'Claude Console',
  credentials: z.strictObject({ apiKey: z.string().trim().min(1).max(1000).regex(/^[\x21-\x7e]+$/) }),
  form: [
    { name: 'baseUrl', kind: 'url', label: 'accounts.baseUrl', help: 'accounts.baseUrlHelp', required: true, placeholder: 'https://api.anthropic.com' },
    { name: 'credentials.apiKey', kind: 'secret', label: 'accounts.apiKey', required: true },
  ],
  request: consoleRequest,
  usage: anthropicUsage,
  judge: judgeAnthropic,
  probes: anthropicProbes,
  countsTokens: true,
})
