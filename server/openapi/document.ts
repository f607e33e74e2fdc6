import type { Language } from '#shared/utils/language'
import type { AppErrorCode } from '../lib/errors'
import type { RouteDoc, Words } from './route'
import { relayGroup, routeGroups } from './routes/index'
import { answerSchema, componentSchemas, inputSchema, type JsonSchema } from './schemas'

export interface DocumentDeps {
  version: string
  /** HTTP status by code of our own errors. */
  statuses: Readonly<Record<AppErrorCode, number>>
}

const title: Words = ['Claude Code Relay: JSON API', 'Claude Code Relay：JSON 接口']
const intro: Words = [
  'What the console uses, and what scripts may use. Times are epoch-ms; money is a decimal string in USD (…Usd) and an integer of 1e-9 USD (…Nano). Lists answer { items, nextCursor }; send cursor=<nextCursor> for the next page. In PATCH an absent field stays as it is and null clears it. What belongs to somebody else is not found.',
  '控制台所用的接口，脚本同样可用。时间为毫秒时间戳；金额同时给出美元十进制字符串（…Usd）和以 1e-9 美元为单位的整数（…Nano）。列表返回 { items, nextCursor }，翻页时传 cursor=<nextCursor>。PATCH 中省略的字段保持不变，null 表示清空。属于他人的资源一律视为不存在。',
]

/** The OpenAPI 3.1 document of the JSON API, with descriptions in one language. */
export function openApiDocument({ version, statuses }: DocumentDeps, language: Language): JsonSchema {
  const say = (words: Words): string => words[language === 'zh-CN' ? 1 : 0]

  function operation(route: string, doc: RouteDoc, tag: string): [path: string, method: string, operation: JsonSchema] {
    const [method = '', colonPath = ''] = route.split(' ')
    const path = colonPath.replace(/:(\w+)/g, '{$1}')
    const admin = path.startsWith('/api/admin/')
    const parameters = [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...doc.query ? queryParameters(inputSchema(doc.query)) : [],
    ]
    return [path, method.toLowerCase(), {
      operationId: operationId(method, path),
      tags: [tag],
      summary: say(doc.says),
      ...parameters.length ? { parameters } : {},
      ...doc.body ? { requestBody: { required: true, content: { 'application/json': { schema: inputSchema(doc.body) } } } } : {},
      ...doc.upload ? { requestBody: { required: true, content: { 'application/json': { schema: {} } } } } : {},
      responses: { ...success(doc), ...doc.key ? relayFailures() : failures(codesOf(doc, { method, path, admin }), statuses) },
      security: doc.open ? [] : doc.key ? [{ bearerKey: [] }, { headerKey: [] }] : [{ session: [] }],
      ...admin ? { 'x-admin-only': true } : {},
    }]
  }

  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const { id, routes } of [...routeGroups, relayGroup]) {
    for (const [route, doc] of Object.entries(routes)) {
      const [path, method, described] = operation(route, doc, id)
      ;(paths[path] ??= {})[method] = described
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: say(title), version, description: say(intro), license: { name: 'MIT', identifier: 'MIT' } },
    tags: [...routeGroups, relayGroup].map(({ id, name }) => ({ 'name': id, 'x-displayName': say(name) })),
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'relay-session' },
        bearerKey: { type: 'http', scheme: 'bearer' },
        headerKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

const operationId = (method: string, path: string): string =>
  [method.toLowerCase(), ...path.replace('/api/', '').split(/\W+/).filter(Boolean)].map((word, at) => at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)).join('')

function queryParameters(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, JsonSchema>, required?: string[] }
  return Object.entries(properties).map(([name, inner]) => ({ name, in: 'query', required: required.includes(name), schema: inner }))
}

function success({ answer, status = answer === null ? 204 : 200 }: Omit<RouteDoc, 'status'> & { status?: number }): JsonSchema {
  if (answer === null) return { 204: { description: 'Done' } }
  if (answer === 'events') return { 200: { description: 'Server-sent events', content: { 'text/event-stream': { schema: { type: 'string' } } } } }
  if (answer === 'file') return { 200: { description: 'A file', content: { 'text/csv': { schema: { type: 'string' } }, 'application/json': { schema: {} }, 'application/x-ndjson': { schema: { type: 'string' } } } } }
  const schema = 'listOf' in answer
    ? { type: 'object', properties: { items: { type: 'array', items: answerSchema(answer.listOf) }, nextCursor: { type: ['string', 'null'] } }, required: ['items', 'nextCursor'], additionalProperties: false }
    : answerSchema(answer)
  return { [status]: { description: 'OK', content: { 'application/json': { schema } } } }
}

/** What any call of its kind can answer, and its own. */
function codesOf(doc: RouteDoc, { method, path, admin }: { method: string, path: string, admin: boolean }): AppErrorCode[] {
  return [
    ...doc.query || doc.body ? ['validation' as const] : [],
    ...doc.body || doc.upload ? ['body_invalid', 'length_required', 'body_too_large', 'media_type'] as const : [],
    ...doc.open ? [] : ['unauthenticated', 'password_change_required'] as const,
    ...admin ? ['forbidden' as const] : [],
    ...method === 'GET' ? [] : ['origin_refused' as const],
    ...path.includes('{') ? ['not_found' as const] : [],
    ...doc.errors ?? [],
    'internal',
  ]
}

/** In the shape of the relay. */
function relayFailures(): JsonSchema {
  const said = { content: { 'application/json': { schema: { $ref: '#/components/schemas/RelayError' } } } }
  return { 401: { description: 'key_missing, key_invalid', ...said }, 429: { description: 'rate_limit', ...said }, 500: { description: 'internal', ...said } }
}

function failures(codes: AppErrorCode[], statuses: DocumentDeps['statuses']): JsonSchema {
  const byStatus = new Map<number, AppErrorCode[]>()
  for (const code of codes) byStatus.set(statuses[code], [...byStatus.get(statuses[code]) ?? [], code])
  return Object.fromEntries([...byStatus].map(([status, all]) => [status, { description: all.join(', '), content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }]))
}
