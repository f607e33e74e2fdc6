import type { ListOf, UserView } from '#shared/types/api'
import type { ListFilter } from './use-list'

/** For admins, a filter by owner (the newest 200 people); for others, who see their own only, none. */
export function useOwnerFilter(): () => ListFilter[] {
  const { t } = useI18n()
  const { user } = useSession()
  const isAdmin = user.value?.role === 'admin'
  const { data } = useApiData<ListOf<UserView>>('/api/admin/users', { limit: 200 }, { immediate: isAdmin })
  return () => isAdmin ? [{ name: 'ownerId', kind: 'select', label: t('table.owner'), options: (data.value?.items ?? []).map(({ id, username }) => ({ value: id, label: username })) }] : []
}
