import { z } from 'zod'
import { anthropicUsage } from '../_shared/anthropic-usage'
import { definePlatform } from '../platform'
import { openaiOptions, optionFields } from './options'
import { openaiPresets } from './presets'
import { openaiProbes } from './probes'
import { openaiRequest } from './request'
import { judgeOpenai } from './verdicts'

/** Any chat-completions endpoint with an API key. Requests and answers are converted; the relay sees an Anthropic upstream. */
export default definePlatform({
  id: 'openai',
  label: 'OpenAI',
  credentials: z.strictObject({ apiKey: z.string().trim().min(1).max(1000).regex(/^[\x21-\x7e]+$/) }),
  options: openaiOptions,
  presets: openaiPresets,
  form: [
    { name: 'baseUrl', kind: 'url', label: 'accounts.baseUrl', help: 'openai.baseUrlHelp', required: true, placeholder: 'https://api.openai.com/v1' },
    { name: 'credentials.apiKey', kind: 'secret', label: 'accounts.apiKey', required: true },
    ...optionFields,
  ],
  request: openaiRequest,
  usage: anthropicUsage,
  judge: judgeOpenai,
  probes: openaiProbes,
})
