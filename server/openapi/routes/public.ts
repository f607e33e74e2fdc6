import { z } from 'zod'
import { openApiSchema } from '#shared/schemas/openapi'
import type { RouteDocs } from '../route'
import { publicSettings } from '../views/people'

export const publicRoutes: RouteDocs = {
  'GET /api/settings/public': { says: ['What every visitor may know', '公开设置'], answer: publicSettings, open: true },
  'GET /api/openapi.json': { says: ['This document', '本文档'], query: openApiSchema, answer: z.record(z.string(), z.unknown()), open: true },
}
