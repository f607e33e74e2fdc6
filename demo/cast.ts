/** Who and what the demo plays with. Accounts lead to the demo's own upstream (demo/upstream), below a path that says how they behave. */

export const login = { username: 'admin', password: 'demo-password' }

export const people = [
  { username: 'lena', email: 'lena@example.com', sharedPool: true, days: 44, ip: '198.51.100.24' },
  { username: 'marco', email: 'marco@example.com', sharedPool: true, days: 44, ip: '198.51.100.31' },
  { username: 'chenwei', email: 'chenwei@example.com', sharedPool: false, days: 43, ip: '203.0.113.18' },
  { username: 'priya', email: 'priya@example.com', sharedPool: true, days: 21, ip: '203.0.113.77' },
  { username: 'tomas', email: null, sharedPool: false, days: 12, ip: '192.0.2.140' },
] as const
export type Person = 'admin' | (typeof people)[number]['username']

export const groups = [
  { id: 'backend', owner: 'admin', name: 'Backend', remark: 'Services and tools', multiplierBp: 10_000, priceBy: 'asked' },
  { id: 'web', owner: 'admin', name: 'Web', remark: 'Pages and design', multiplierBp: 10_000, priceBy: 'served' },
  { id: 'carpool', owner: 'chenwei', name: 'Carpool', remark: 'Four seats, shared at cost', multiplierBp: 8_000, priceBy: 'asked' },
] as const satisfies readonly { owner: Person, [field: string]: unknown }[]
export type GroupId = (typeof groups)[number]['id']

/** How the demo's upstream answers below a path of this name. */
export type Manner = 'steady' | 'flaky' | 'limited' | 'revoked'

export interface DemoAccount {
  id: string
  owner: Person
  group: GroupId | null
  name: string
  platform: 'claude' | 'claude_console' | 'openai'
  manner: Manner
  /** Of the requests of its pool. */
  weight: number
  priority?: number
  maxConcurrency?: number
  dailyLimitUsd?: string
  modelMap?: Record<string, string>
  models?: string[]
  enabled?: false
  proxyUrl?: string
}

export const accounts: readonly DemoAccount[] = [
  { id: 'max-1', owner: 'admin', group: null, name: 'Claude Max 1', platform: 'claude', manner: 'steady', weight: 40, maxConcurrency: 12 },
  { id: 'max-2', owner: 'admin', group: null, name: 'Claude Max 2', platform: 'claude', manner: 'steady', weight: 30, maxConcurrency: 12 },
  { id: 'api', owner: 'admin', group: null, name: 'Anthropic API', platform: 'claude_console', manner: 'steady', weight: 20, dailyLimitUsd: '150' },
  { id: 'mirror', owner: 'admin', group: null, name: 'Mirror Frankfurt', platform: 'claude_console', manner: 'flaky', weight: 25 },
  { id: 'trial', owner: 'admin', group: null, name: 'Trial credit', platform: 'claude_console', manner: 'limited', weight: 4 },
  { id: 'old', owner: 'admin', group: null, name: 'Old contract', platform: 'claude_console', manner: 'revoked', weight: 2 },
  { id: 'reserve', owner: 'admin', group: null, name: 'Reserve', platform: 'claude_console', manner: 'steady', weight: 0, priority: 900, enabled: false },
  { id: 'team', owner: 'admin', group: 'backend', name: 'Team plan', platform: 'claude', manner: 'steady', weight: 40 },
  { id: 'backend-api', owner: 'admin', group: 'backend', name: 'Backend API', platform: 'claude_console', manner: 'flaky', weight: 20 },
  { id: 'glm', owner: 'admin', group: 'web', name: 'GLM coding', platform: 'openai', manner: 'steady', weight: 25, modelMap: { 'claude-haiku-*': 'glm-4.5-air', 'claude-*': 'glm-4.6' } },
  { id: 'deepseek', owner: 'admin', group: 'web', name: 'DeepSeek', platform: 'openai', manner: 'steady', weight: 15, modelMap: { 'claude-*': 'deepseek-chat' } },
  { id: 'chen-max', owner: 'chenwei', group: 'carpool', name: 'Chen Max 20x', platform: 'claude', manner: 'steady', weight: 30 },
  { id: 'chen-api', owner: 'chenwei', group: 'carpool', name: 'Chen spare', platform: 'claude_console', manner: 'steady', weight: 10 },
]

export interface DemoKey {
  id: string
  owner: Person
  group: GroupId | null
  name: string
  /** Of all requests. */
  weight: number
  /** How much of a limit is used up by now: the limit is set to fit. */
  used?: { dailyUsd?: number, weeklyUsd?: number, monthlyUsd?: number, totalUsd?: number }
  requestsPerMinute?: number
  concurrency?: number
  models?: string[]
  clients?: string[]
  /** Days ago on which it expired. */
  endedDays?: number
  enabled?: false
  /** Days ago on which it was made. */
  days?: number
}

export const keys: readonly DemoKey[] = [
  { id: 'ci', owner: 'admin', group: 'backend', name: 'CI pipeline', weight: 22, used: { monthlyUsd: 0.71 }, requestsPerMinute: 600, concurrency: 40 },
  { id: 'admin', owner: 'admin', group: null, name: 'Laptop', weight: 9, used: { weeklyUsd: 0.38 } },
  { id: 'lena', owner: 'lena', group: null, name: 'Lena', weight: 18, used: { dailyUsd: 0.64, monthlyUsd: 0.47 } },
  { id: 'lena-review', owner: 'lena', group: null, name: 'Review bot', weight: 7, used: { weeklyUsd: 0.86 }, models: ['claude-haiku-*', 'claude-sonnet-*'] },
  { id: 'marco', owner: 'marco', group: null, name: 'Marco', weight: 14, used: { dailyUsd: 0.91 } },
  { id: 'web-team', owner: 'admin', group: 'web', name: 'Web team', weight: 15, used: { monthlyUsd: 0.58 } },
  { id: 'priya', owner: 'priya', group: null, name: 'Priya', weight: 8, used: { totalUsd: 0.33 }, days: 20 },
  { id: 'seat-1', owner: 'chenwei', group: 'carpool', name: 'Seat 1, Li Na', weight: 6, used: { weeklyUsd: 0.52 } },
  { id: 'seat-2', owner: 'chenwei', group: 'carpool', name: 'Seat 2, Wang Jun', weight: 5, used: { weeklyUsd: 0.79 } },
  { id: 'seat-3', owner: 'chenwei', group: 'carpool', name: 'Seat 3, Zhao Min', weight: 3, used: { weeklyUsd: 0.24 } },
  { id: 'intern', owner: 'marco', group: null, name: 'Intern', weight: 1, used: { totalUsd: 1 }, clients: ['claude-cli'] },
  { id: 'workshop', owner: 'lena', group: null, name: 'Workshop', weight: 0, models: ['claude-haiku-*'], endedDays: 9, days: 16 },
  { id: 'old-laptop', owner: 'priya', group: null, name: 'Old laptop', weight: 0, enabled: false, days: 19 },
]

/** Lists show what is newest first: the cast's first ones. */
export const newestLast = [...keys].reverse()

/** What clients ask for. */
export const models = [
  { name: 'claude-sonnet-5-5', weight: 58 },
  { name: 'claude-opus-4-8', weight: 14 },
  { name: 'claude-haiku-4-5', weight: 28 },
] as const

export const clients = [
  { name: 'claude-cli/2.1.330 (external, cli)', weight: 6 },
  { name: 'claude-cli/2.1.327 (external, cli)', weight: 3 },
  { name: 'claude-cli/2.1.319 (external, vscode)', weight: 1 },
] as const
