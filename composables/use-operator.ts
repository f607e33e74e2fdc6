import type { PublicSettings } from '#shared/types/settings'

/** What every visitor may know: whose relay this is, how to get in, whether it sends mail. */
export function useOperator() {
  const { data } = useApiData<PublicSettings>('/api/settings/public')
  return {
    settings: data,
    name: computed(() => data.value?.operatorName ?? 'Claude Code Relay'),
    logo: computed(() => data.value?.operatorLogo ?? null),
    mail: computed(() => data.value?.mail ?? false),
    registration: computed(() => data.value?.registration ?? 'off'),
  }
}
