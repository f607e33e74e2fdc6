import DashboardIcon from 'tdesign-icons-vue-next/esm/components/dashboard'
import ServerIcon from 'tdesign-icons-vue-next/esm/components/server'
import UsergroupIcon from 'tdesign-icons-vue-next/esm/components/usergroup'
import LockOnIcon from 'tdesign-icons-vue-next/esm/components/lock-on'
import NotificationIcon from 'tdesign-icons-vue-next/esm/components/notification'
import DiscountIcon from 'tdesign-icons-vue-next/esm/components/discount'
import ViewListIcon from 'tdesign-icons-vue-next/esm/components/view-list'
import SettingIcon from 'tdesign-icons-vue-next/esm/components/setting'
import SystemIcon from 'tdesign-icons-vue-next/esm/components/system-setting'
import UserIcon from 'tdesign-icons-vue-next/esm/components/user'
import type { Component } from 'vue'
import type { UserView } from '#shared/types/api'

/** In the order of the menu. */
const sections = ['start', 'pool', 'use', 'admin', 'own'] as const
export type RoomSection = (typeof sections)[number]

/** A page of the console, as menu, trail and command palette know it. */
export interface ConsoleRoom {
  to: string
  /** An i18n key. */
  label: string
  icon?: Component
  /** Its title in the menu is `menu.sections.…`; that of `start` has none. */
  section: RoomSection
  adminOnly?: boolean
  /** Not in the side menu. */
  aside?: boolean
}

/** Every page of the console. Who adds a page adds it here. */
export const consoleRooms: readonly ConsoleRoom[] = [
  { to: '/dashboard', label: 'menu.dashboard', icon: DashboardIcon, section: 'start' },
  { to: '/accounts', label: 'menu.accounts', icon: ServerIcon, section: 'pool' },
  { to: '/groups', label: 'menu.groups', icon: UsergroupIcon, section: 'pool' },
  { to: '/keys', label: 'menu.keys', icon: LockOnIcon, section: 'pool' },
  { to: '/logs', label: 'menu.logs', icon: ViewListIcon, section: 'use' },
  { to: '/notifications', label: 'menu.notifications', icon: NotificationIcon, section: 'use' },
  { to: '/admin/users', label: 'menu.users', icon: UserIcon, section: 'admin', adminOnly: true },
  { to: '/admin/invites', label: 'menu.invites', section: 'admin', adminOnly: true, aside: true },
  { to: '/admin/prices', label: 'menu.prices', icon: DiscountIcon, section: 'admin', adminOnly: true },
  { to: '/admin/settings', label: 'menu.settings', icon: SettingIcon, section: 'admin', adminOnly: true },
  { to: '/admin/system', label: 'menu.system', icon: SystemIcon, section: 'admin', adminOnly: true },
  { to: '/profile', label: 'userMenu.profile', section: 'own', aside: true },
]

/** What somebody may enter. */
export const roomsFor = (user: Pick<UserView, 'role'> | null): ConsoleRoom[] => consoleRooms.filter(room => !room.adminOnly || user?.role === 'admin')

/** The side menu, section by section. */
export function menuFor(user: Pick<UserView, 'role'> | null): { section: RoomSection, rooms: ConsoleRoom[] }[] {
  const rooms = roomsFor(user).filter(room => !room.aside)
  return sections.map(section => ({ section, rooms: rooms.filter(room => room.section === section) })).filter(part => part.rooms.length > 0)
}

/** The room that a path lies in: the longest that it begins with. */
export function roomOf(path: string): ConsoleRoom | undefined {
  const around = consoleRooms.filter(({ to }) => path === to || path.startsWith(`${to}/`))
  return around.sort((a, b) => b.to.length - a.to.length).at(0)
}
