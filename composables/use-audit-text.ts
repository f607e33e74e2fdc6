import type { AuditView } from '#shared/types/audit'

/** Where the thing that an audit row is about can be seen; null where there is no page of it. */
const pages: Record<string, string> = { group: '/groups', account: '/accounts', key: '/keys', channel: '/notifications', price: '/admin/prices', user: '/admin/users' }

/** Audit rows in words. */
export function useAuditText() {
  const { t, te } = useI18n()

  function actionText(action: string): string {
    const [target = '', verb = ''] = action.split('.')
    const key = `audit.verbs.${verb}`
    return te(key) ? t(key, { target: targetText(target) }) : action
  }

  function targetText(type: string): string {
    const key = `audit.targets.${type}`
    return te(key) ? t(key) : type
  }

  /** A link to the list that shows the thing by its name, if it was not taken away. */
  function linkOf({ targetType, targetName, action }: AuditView): { path: string, query: Record<string, string> } | null {
    const path = pages[targetType]
    if (!path || action.endsWith('.delete')) return null
    return { path, query: targetName ? { q: targetName } : {} }
  }

  return { actionText, targetText, linkOf }
}
