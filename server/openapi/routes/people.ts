import { changePasswordSchema, codeRequestSchema, codeSignInSchema, emailConfirmSchema, emailRequestSchema, inviteCheckSchema, loginSchema, registerSchema, resetPasswordSchema } from '#shared/schemas/auth'
import { logoSchema } from '#shared/schemas/logo'
import { settingsPatchSchema } from '#shared/schemas/settings'
import { inviteCreateSchema, inviteListQuery, profilePatchSchema, userCreateSchema, userListQuery, userPatchSchema, userRemoveQuery } from '#shared/schemas/user'
import { listOf, type RouteDocs } from '../route'
import { me } from '../views/common'
import { adminUser, codeSent, invite, inviteCheck, inviteWithCode, session, settings, userWithPassword } from '../views/people'

export const sessionRoutes: RouteDocs = {
  'POST /api/auth/login': { says: ['Sign in: the answer sets the session cookie', '登录，返回会话 Cookie'], body: loginSchema, answer: me, open: true, errors: ['login_failed', 'user_disabled', 'rate_limited'] },
  'POST /api/auth/codes': { says: ['Ask for a code by mail', '申请邮件验证码'], body: codeRequestSchema, answer: codeSent, status: 202, open: true, errors: ['mail_off', 'registration_closed', 'rate_limited'] },
  'POST /api/auth/sign-in-by-code': { says: ['Sign in with a code', '用验证码登录'], body: codeSignInSchema, answer: me, open: true, errors: ['user_disabled', 'rate_limited'] },
  'POST /api/auth/reset-password': { says: ['Set a new password with a code', '用验证码重设密码'], body: resetPasswordSchema, answer: null, open: true, errors: ['rate_limited'] },
  'POST /api/auth/check-invite': { says: ['Is an invitation good?', '检查邀请是否有效'], body: inviteCheckSchema, answer: inviteCheck, open: true, errors: ['invite_invalid', 'registration_closed', 'rate_limited'] },
  'POST /api/auth/register': { says: ['Make a user for oneself, with an invitation or a code', '凭邀请或验证码注册'], body: registerSchema, answer: me, status: 201, open: true, errors: ['invite_invalid', 'registration_closed', 'rate_limited'] },
  'GET /api/auth/me': { says: ['Who is signed in', '当前登录用户'], answer: me },
  'POST /api/auth/logout': { says: ['Sign out', '退出登录'], answer: null },
  'POST /api/auth/change-password': { says: ['Change the password; all other sessions end', '修改密码，其他会话随之结束'], body: changePasswordSchema, answer: me, errors: ['rate_limited'] },
  'GET /api/sessions': { says: ['Own sessions', '本人的会话'], answer: listOf(session) },
  'DELETE /api/sessions': { says: ['Sign out everywhere', '退出所有会话'], answer: null },
  'DELETE /api/sessions/:id': { says: ['End one session', '结束一个会话'], answer: null },
  'PATCH /api/profile': { says: ['Change one\'s own name or language', '修改本人的用户名或语言'], body: profilePatchSchema, answer: me },
  'POST /api/profile/email': { says: ['Begin to change the address: a code goes to the new one', '开始更换邮箱，验证码发往新邮箱'], body: emailRequestSchema, answer: codeSent, status: 202, errors: ['mail_off', 'rate_limited'] },
  'POST /api/profile/email/confirm': { says: ['Change the address with the code', '用验证码确认更换邮箱'], body: emailConfirmSchema, answer: me, errors: ['rate_limited'] },
}

export const userRoutes: RouteDocs = {
  'GET /api/admin/users': { says: ['List users', '用户列表'], query: userListQuery, answer: listOf(adminUser) },
  'POST /api/admin/users': { says: ['Create a user; only this answer tells the start password', '新建用户，仅此次返回初始密码'], body: userCreateSchema, answer: userWithPassword, status: 201 },
  'GET /api/admin/users/:id': { says: ['One user', '查看用户'], answer: adminUser },
  'PATCH /api/admin/users/:id': { says: ['Change a user', '修改用户'], body: userPatchSchema, answer: adminUser, errors: ['last_admin'] },
  'DELETE /api/admin/users/:id': { says: ['Delete a user, and hand over what belongs to them', '删除用户，并移交其资源'], query: userRemoveQuery, answer: null, errors: ['last_admin'] },
  'POST /api/admin/users/:id/reset-password': { says: ['Give a user a new start password', '重置用户密码'], answer: userWithPassword },
  'GET /api/admin/invites': { says: ['List invitations', '邀请列表'], query: inviteListQuery, answer: listOf(invite) },
  'POST /api/admin/invites': { says: ['Create an invitation; only this answer tells its code', '新建邀请，仅此次返回邀请码'], body: inviteCreateSchema, answer: inviteWithCode, status: 201 },
  'DELETE /api/admin/invites/:id': { says: ['Withdraw an invitation', '撤销邀请'], answer: null },
  'GET /api/admin/settings': { says: ['Settings of the installation', '系统设置'], answer: settings },
  'PATCH /api/admin/settings': { says: ['Change settings', '修改系统设置'], body: settingsPatchSchema, answer: settings },
  'PUT /api/admin/settings/logo': { says: ['Put up a picture in place of the mark: PNG, JPEG or WebP in base64', '上传代替标志的图片（base64 编码的 PNG、JPEG 或 WebP）'], body: logoSchema, answer: settings },
  'DELETE /api/admin/settings/logo': { says: ['Take the picture away', '移除图片'], answer: null, errors: ['not_found'] },
}
