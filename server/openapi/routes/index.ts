import type { RouteDocs, Words } from '../route'
import { adminRoutes, channelRoutes, priceRoutes } from './admin'
import { keyRoutes, logRoutes, statsRoutes } from './keys'
import { sessionRoutes, userRoutes } from './people'
import { accountRoutes, groupRoutes } from './pool'
import { publicRoutes, relayRoutes } from './public'

export interface RouteGroup {
  id: string
  name: Words
  routes: RouteDocs
}

/** What the relay answers besides what Claude Code asks for. */
export const relayGroup: RouteGroup = { id: 'relay', name: ['Relay', '中转'], routes: relayRoutes }

/** Every call, by what it is about. tests/unit/openapi/document.test.ts compares them with the files below server/api. */
export const routeGroups: readonly RouteGroup[] = [
  { id: 'session', name: ['Session', '会话'], routes: sessionRoutes },
  { id: 'groups', name: ['Groups', '分组'], routes: groupRoutes },
  { id: 'accounts', name: ['Accounts', '账号'], routes: accountRoutes },
  { id: 'keys', name: ['Keys', '密钥'], routes: keyRoutes },
  { id: 'logs', name: ['Logs', '日志'], routes: logRoutes },
  { id: 'stats', name: ['Statistics', '统计'], routes: statsRoutes },
  { id: 'notifications', name: ['Notifications', '通知'], routes: channelRoutes },
  { id: 'prices', name: ['Prices', '价格'], routes: priceRoutes },
  { id: 'users', name: ['Users and settings', '用户与设置'], routes: userRoutes },
  { id: 'admin', name: ['Administration', '管理'], routes: adminRoutes },
  { id: 'public', name: ['Public', '公开'], routes: publicRoutes },
]
