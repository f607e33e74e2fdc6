import { z } from 'zod'
import { changePasswordSchema, loginSchema } from '#shared/schemas/auth'
import { openApiSchema } from '#shared/schemas/openapi'
import type { RouteDocs } from '../route'
import { me, publicSettings } from '../views/common'

export const sessionRoutes: RouteDocs = {
  'POST /api/auth/login': { says: ['Sign in: the answer sets the session cookie', '登录，返回会话 Cookie'], body: loginSchema, answer: me, open: true, errors: ['login_failed', 'user_disabled', 'rate_limited'] },
  'GET /api/auth/me': { says: ['Who is signed in', '当前登录用户'], answer: me },
  'POST /api/auth/logout': { says: ['Sign out', '退出登录'], answer: null },
  'POST /api/auth/change-password': { says: ['Change the password; other sessions end', '修改密码，其他会话随之结束'], body: changePasswordSchema, answer: me, errors: ['rate_limited'] },
}

export const publicRoutes: RouteDocs = {
  'GET /api/settings/public': { says: ['What every visitor may know', '公开设置'], answer: publicSettings, open: true },
  'GET /api/openapi.json': { says: ['This document', '本文档'], query: openApiSchema, answer: z.record(z.string(), z.unknown()), open: true },
}
