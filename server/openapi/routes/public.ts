import { z } from 'zod'
import { helpSchema } from '#shared/schemas/help'
import { openApiSchema } from '#shared/schemas/openapi'
import { aboutSchema } from '#shared/schemas/settings'
import { keyLookSchema, keyStatsSchema } from '#shared/schemas/share'
import type { RouteDocs } from '../route'
import { help } from '../views/help'
import { keyLook, keyQuery, relayUsage } from '../views/key-query'
import { status } from '../views/status'
import { about, publicSettings } from '../views/people'

export const publicRoutes: RouteDocs = {
  'GET /api/settings/public': { says: ['What every visitor may know', '公开设置'], answer: publicSettings, open: true },
  'GET /api/public/about': { says: ['What the operator says of this relay, in one language or else the other', '运营者的介绍，缺少所选语言时用另一种'], query: aboutSchema, answer: about, open: true },
  'GET /api/public/help': { says: ['A page of the help, or a search in all of them', '帮助页面，或搜索全部帮助'], query: helpSchema, answer: help, errors: ['not_found'], open: true },
  'GET /api/openapi.json': { says: ['This document', '本文档'], query: openApiSchema, answer: z.record(z.string(), z.unknown()), open: true },
  'GET /api/public/key-stats': { says: ['What the cookie of the key query page shows', '密钥查询页的数据（凭页面 Cookie）'], query: keyLookSchema, answer: keyLook, open: true, errors: ['rate_limited'] },
  'POST /api/public/key-stats': { says: ['The use of a key, by the key itself or by a link to it', '凭密钥或分享令牌查询用量'], body: keyStatsSchema, answer: keyQuery, open: true, errors: ['rate_limited'] },
  'GET /api/public/status': { says: ['The relay\'s health; not found while the page is off', '公开的运行状态，未开启时返回 404'], answer: status, open: true, errors: ['not_found'] },
}

export const relayRoutes: RouteDocs = {
  'GET /claude-code/v1/relay/usage': { says: ['What an API key used and may still use, asked with the key itself', '凭密钥查询自身用量与限额'], answer: relayUsage, key: true },
}
