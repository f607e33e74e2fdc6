import { keyBatchSchema, keyCreateSchema, keyExportSchema, keyListSchema, keyPatchSchema, keyRotateSchema } from '#shared/schemas/key'
import { logExportSchema, logListSchema } from '#shared/schemas/log'
import { shareCreateSchema } from '#shared/schemas/share'
import { statsBreakdownSchema, statsExportSchema, statsSummarySchema, statsTrendSchema } from '#shared/schemas/stats'
import { listOf, type RouteDocs } from '../route'
import { changedCount, key, keyWithSecret, limit, log, revealedKey } from '../views/keys'
import { share, shareWithToken } from '../views/key-query'
import { liveState, statsBreakdown, statsOverview, statsSummary, statsTrend } from '../views/stats'

export const keyRoutes: RouteDocs = {
  'GET /api/limits': { says: ['Limits that a key can have', '密钥可设置的限额'], answer: listOf(limit) },
  'GET /api/keys': { says: ['List keys', '密钥列表'], query: keyListSchema, answer: listOf(key) },
  'POST /api/keys': { says: ['Create a key; only this answer tells it', '新建密钥，仅此次返回完整密钥'], body: keyCreateSchema, answer: keyWithSecret, status: 201 },
  'GET /api/keys/export': { says: ['All keys as a file, without the keys themselves', '导出密钥列表（不含密钥本身）'], query: keyExportSchema, answer: 'file' },
  'POST /api/keys/batch': { says: ['Change many keys at once', '批量修改密钥'], body: keyBatchSchema, answer: changedCount },
  'GET /api/keys/:id': { says: ['One key', '查看密钥'], answer: key },
  'PATCH /api/keys/:id': { says: ['Change a key', '修改密钥'], body: keyPatchSchema, answer: key },
  'DELETE /api/keys/:id': { says: ['Delete a key', '删除密钥'], answer: null },
  'POST /api/keys/:id/rotate': { says: ['Give a key a new value; the old one stops at once', '更换密钥，旧值立即失效'], body: keyRotateSchema, answer: keyWithSecret },
  'POST /api/keys/:id/reveal': { says: ['Show a key that was made revealable', '查看可找回的密钥'], answer: revealedKey, errors: ['not_revealable'] },
  'GET /api/keys/:id/shares': { says: ['Links that show a key\'s use', '密钥的分享链接'], answer: listOf(share) },
  'POST /api/keys/:id/shares': { says: ['Make a link; only this answer tells its token', '新建分享链接，仅此次返回令牌'], body: shareCreateSchema, answer: shareWithToken, status: 201 },
  'DELETE /api/keys/:id/shares/:shareId': { says: ['Revoke a link', '撤销分享链接'], answer: null },
}

export const logRoutes: RouteDocs = {
  'GET /api/logs': { says: ['Settled requests, newest first', '请求日志，从新到旧'], query: logListSchema, answer: listOf(log) },
  'GET /api/logs/export': { says: ['Log rows as a file', '导出请求日志'], query: logExportSchema, answer: 'file' },
  'GET /api/logs/:requestId': { says: ['One request, by our request id or the upstream\'s', '按请求 ID（本站或上游）查看一条日志'], answer: log },
}

export const statsRoutes: RouteDocs = {
  'GET /api/stats/overview': { says: ['What the dashboard shows', '概览页所示的数据'], answer: statsOverview },
  'GET /api/stats/summary': { says: ['Sums of a time, and of the time before', '一段时间的汇总，以及上一段'], query: statsSummarySchema, answer: statsSummary },
  'GET /api/stats/trend': { says: ['Sums of each hour, day or month', '按小时、天或月的趋势'], query: statsTrendSchema, answer: statsTrend },
  'GET /api/stats/breakdown': { says: ['The largest models, keys, accounts, users or sessions', '按模型、密钥、账号、用户或会话排行'], query: statsBreakdownSchema, answer: statsBreakdown },
  'GET /api/live': { says: ['What is going on, as server-sent events', '实时动态（SSE）'], answer: 'events', errors: ['rate_limited'] },
  'GET /api/live/state': { says: ['The same once', '实时状态快照'], answer: liveState },
  'GET /api/stats/export': { says: ['A trend or breakdown as a file', '导出统计'], query: statsExportSchema, answer: 'file' },
}
