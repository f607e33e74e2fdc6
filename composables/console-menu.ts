import DashboardIcon from 'tdesign-icons-vue-next/esm/components/dashboard'
import ServerIcon from 'tdesign-icons-vue-next/esm/components/server'
import UsergroupIcon from 'tdesign-icons-vue-next/esm/components/usergroup'
import LockOnIcon from 'tdesign-icons-vue-next/esm/components/lock-on'
import NotificationIcon from 'tdesign-icons-vue-next/esm/components/notification'
import DiscountIcon from 'tdesign-icons-vue-next/esm/components/discount'
import ViewListIcon from 'tdesign-icons-vue-next/esm/components/view-list'
import SettingIcon from 'tdesign-icons-vue-next/esm/components/setting'
import ChartIcon from 'tdesign-icons-vue-next/esm/components/chart-bar'
import type { Component } from 'vue'

/** The console's rooms, in the order of the menu. `label` is an i18n key. */
export const consoleMenu: { to: string, label: string, icon: Component, adminOnly?: boolean }[] = [
  { to: '/dashboard', label: 'menu.dashboard', icon: DashboardIcon },
  { to: '/accounts', label: 'menu.accounts', icon: ServerIcon },
  { to: '/groups', label: 'menu.groups', icon: UsergroupIcon },
  { to: '/keys', label: 'menu.keys', icon: LockOnIcon },
  { to: '/logs', label: 'menu.logs', icon: ViewListIcon },
  { to: '/stats', label: 'menu.stats', icon: ChartIcon },
  { to: '/notifications', label: 'menu.notifications', icon: NotificationIcon },
  { to: '/admin/prices', label: 'menu.prices', icon: DiscountIcon, adminOnly: true },
  { to: '/admin/system', label: 'menu.system', icon: SettingIcon, adminOnly: true },
]
