import type { Ref } from 'vue'
import type { GroupView } from '#shared/types/api'
import type { ControlField, FormValues } from './form-fields'

interface GroupChoice {
  /** What is put into a group. */
  kind: 'keys' | 'accounts'
  /** Undefined while they are loaded. */
  groups: () => GroupView[] | undefined
  values: Ref<FormValues>
  isNew: () => boolean
}

/** The field that puts a key or an account into a group, or into the shared pool if the person may use it. Who has neither is told what to do. */
export function useGroupChoice({ kind, groups, values, isNew }: GroupChoice) {
  const { t } = useI18n()
  const { user } = useSession()
  const ofKeys = kind === 'keys'

  const mayShare = computed(() => user.value?.role === 'admin' || (ofKeys && user.value?.sharedPool === true))
  const options = computed(() => [
    ...mayShare.value ? [{ value: '', label: t('groups.shared') }] : [],
    ...(groups() ?? []).map(group => ({ value: group.id, label: group.name })),
  ])
  const first = computed(() => options.value[0]?.value ?? '')
  const groupField = computed<ControlField>(() => ({
    name: 'groupId',
    kind: 'select',
    label: t(ofKeys ? 'keys.group' : 'accounts.group'),
    help: t(ofKeys ? 'keys.groupHelp' : 'accounts.groupHelp'),
    required: !mayShare.value,
    options: options.value,
    missing: groups() && options.value.length === 0 ? { text: t(ofKeys ? 'keys.noGroup' : 'accounts.noGroup'), go: t('groups.create'), to: '/groups?new=1' } : undefined,
  }))

  // Groups that come after the form was opened.
  watch(options, (now) => {
    if (isNew() && !now.some(({ value }) => value === values.value.groupId)) values.value.groupId = first.value
  })

  /** The group of a thing as the form begins with it; null: of a new one. */
  const groupOf = (of: { groupId: string | null } | null): string => of ? of.groupId ?? '' : first.value

  return { groupField, groupOf }
}
