import { anthropicProbes } from '../_shared/anthropic-probes'
import { anthropicUsage } from '../_shared/anthropic-usage'
import { judgeAnthropic } from '../_shared/anthropic-verdicts'
import { definePlatform } from '../platform'
import { claudeCredentials, claudeOAuth } from './oauth'
import { claudeRequest } from './request'
import { claudeWindows } from './windows'

/** An official Claude account: signed in by OAuth, or by a setup token. */
export default definePlatform({
  id: 'claude',
  label: 'Claude',
  credentials: claudeCredentials,
  form: [
    { name: 'credentials.accessToken', kind: 'secret', label: 'accounts.accessToken', help: 'accounts.accessTokenHelp', required: true, placeholder: 'sk-ant-oat01-…' },
    { name: 'credentials.refreshToken', kind: 'secret', label: 'accounts.refreshToken', help: 'accounts.refreshTokenHelp', placeholder: 'sk-ant-ort01-…' },
  ],
  request: claudeRequest,
  usage: anthropicUsage,
  judge: judgeAnthropic,
  probes: anthropicProbes,
  countsTokens: true,
  windows: claudeWindows,
  oauth: claudeOAuth,
})
