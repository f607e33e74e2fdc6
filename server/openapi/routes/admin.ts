import { apiLogListSchema, auditListSchema } from '#shared/schemas/audit'
import { channelCreateSchema, channelListSchema, channelPatchSchema } from '#shared/schemas/notification'
import { priceFileSchema, priceHistorySchema, priceImportSchema, priceListSchema, priceSetSchema, priceUrlSchema, priceVersionSchema } from '#shared/schemas/price'
import { listOf, type RouteDocs } from '../route'
import { apiLog, audit, auditValues, channel, channelKind, channelTest, importedCount, price, priceBook, pricePreview, priceVersion, system, waitingModel } from '../views/admin'

export const channelRoutes: RouteDocs = {
  'GET /api/notification-kinds': { says: ['Kinds of notification channel', '通知渠道类型'], answer: listOf(channelKind) },
  'GET /api/notification-channels': { says: ['List channels', '通知渠道列表'], query: channelListSchema, answer: listOf(channel) },
  'POST /api/notification-channels': { says: ['Create a channel', '新建通知渠道'], body: channelCreateSchema, answer: channel, status: 201 },
  'GET /api/notification-channels/:id': { says: ['One channel', '查看通知渠道'], answer: channel },
  'PATCH /api/notification-channels/:id': { says: ['Change a channel', '修改通知渠道'], body: channelPatchSchema, answer: channel },
  'DELETE /api/notification-channels/:id': { says: ['Delete a channel', '删除通知渠道'], answer: null },
  'POST /api/notification-channels/:id/test': { says: ['Send a test message', '发送测试消息'], answer: channelTest, errors: ['rate_limited'] },
}

export const priceRoutes: RouteDocs = {
  'GET /api/admin/prices': { says: ['Prices in force', '当前价格'], query: priceListSchema, answer: priceBook },
  'POST /api/admin/prices': { says: ['Set the price of a model', '设置模型价格'], body: priceSetSchema, answer: price, status: 201 },
  'DELETE /api/admin/prices/:id': { says: ['End an own price', '删除自定义价格'], answer: null },
  'GET /api/admin/prices/history': { says: ['Every price that a model had', '模型的历史价格'], query: priceHistorySchema, answer: listOf(priceVersion) },
  'GET /api/admin/prices/version': { says: ['What rows of a price version were priced by', '某个价格版本的内容'], query: priceVersionSchema, answer: listOf(priceVersion) },
  'GET /api/admin/prices/waiting': { says: ['Models without a price', '尚无价格的模型'], answer: listOf(waitingModel) },
  'POST /api/admin/prices/preview/file': { says: ['What the import of a price file would change', '预览导入价格文件的变更'], query: priceFileSchema, upload: true, answer: pricePreview },
  'POST /api/admin/prices/preview/url': { says: ['The same, of a file that is fetched', '预览从网址导入的变更'], body: priceUrlSchema, answer: pricePreview },
  'POST /api/admin/prices/import': { says: ['Take over previewed prices', '导入已预览的价格'], body: priceImportSchema, answer: importedCount, status: 201 },
}

export const adminRoutes: RouteDocs = {
  'GET /api/admin/audit': { says: ['Who changed what, newest first', '操作审计，从新到旧'], query: auditListSchema, answer: listOf(audit) },
  'GET /api/admin/audit/values': { says: ['What the audit log can be filtered by', '审计可用的筛选项'], answer: auditValues },
  'GET /api/admin/api-logs': { says: ['Writes and failures of this API, newest first', '接口写入与失败记录，从新到旧'], query: apiLogListSchema, answer: listOf(apiLog) },
  'GET /api/admin/system': { says: ['Health, tasks and instances', '运行状态、任务与实例'], answer: system },
}
