import { accountCreateSchema, accountEventsSchema, accountListSchema, accountPatchSchema, accountTestSchema, accountWhySchema, signInFinishSchema, signInStartSchema } from '#shared/schemas/account'
import { groupCreateSchema, groupDeleteSchema, groupListSchema, groupPatchSchema } from '#shared/schemas/group'
import { listOf, type RouteDocs } from '../route'
import { account, accountEvent, accountTest, accountWhy, group, platform, signIn } from '../views/pool'

export const groupRoutes: RouteDocs = {
  'GET /api/groups': { says: ['List groups', '分组列表'], query: groupListSchema, answer: listOf(group) },
  'POST /api/groups': { says: ['Create a group', '新建分组'], body: groupCreateSchema, answer: group, status: 201 },
  'GET /api/groups/:id': { says: ['One group', '查看分组'], answer: group },
  'PATCH /api/groups/:id': { says: ['Change a group', '修改分组'], body: groupPatchSchema, answer: group },
  'DELETE /api/groups/:id': { says: ['Delete a group, and say what becomes of its accounts and keys', '删除分组，并指明其账号和密钥的去向'], query: groupDeleteSchema, answer: null, errors: ['in_use'] },
}

export const accountRoutes: RouteDocs = {
  'GET /api/platforms': { says: ['Kinds of upstream and the fields of their forms', '上游类型及其表单字段'], answer: listOf(platform) },
  'GET /api/accounts': { says: ['List accounts', '账号列表'], query: accountListSchema, answer: listOf(account) },
  'POST /api/accounts': { says: ['Create an account', '新建账号'], body: accountCreateSchema, answer: account, status: 201 },
  'GET /api/accounts/:id': { says: ['One account', '查看账号'], answer: account },
  'PATCH /api/accounts/:id': { says: ['Change an account', '修改账号'], body: accountPatchSchema, answer: account },
  'DELETE /api/accounts/:id': { says: ['Delete an account', '删除账号'], answer: null },
  'POST /api/accounts/:id/test': { says: ['Send one small request through an account', '用账号发送一个小请求进行测试'], body: accountTestSchema, answer: accountTest },
  'POST /api/accounts/:id/reset-state': { says: ['Put an account back to normal', '将账号状态重置为正常'], answer: account },
  'GET /api/accounts/:id/events': { says: ['Changes of an account\'s state, newest first', '账号状态变更历史，从新到旧'], query: accountEventsSchema, answer: listOf(accountEvent) },
  'GET /api/accounts/:id/why': { says: ['What the scheduler would do with an account now', '调度器此刻会如何对待该账号'], query: accountWhySchema, answer: accountWhy },
  'POST /api/accounts/oauth/start': { says: ['Begin the sign-in of an official account', '开始官方账号登录'], body: signInStartSchema, answer: signIn },
  'POST /api/accounts/oauth/finish': { says: ['Finish it with the code that the page showed', '用页面显示的授权码完成登录'], body: signInFinishSchema, answer: account },
}
