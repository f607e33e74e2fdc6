import type { PublicSettings } from '#shared/types/settings'

/** What every visitor may know: whose relay this is, how to get in, whether it sends mail. */
export function useOperator() {
  const { data, refresh } = useApiData<PublicSettings>('/api/settings/public')
  return {
    settings: data,
    /** Asks the server anew. */
    refresh,
    name: computed(() => data.value?.operatorName ?? 'Claude Code Relay'),
    logo: computed(() => data.value?.operatorLogo ?? null),
    /** Address of the operator's picture, another one for each picture; null when there is none. */
    picture: computed(() => data.value?.logoVersion ? `/operator/logo?v=${data.value.logoVersion}` : null),
    mail: computed(() => data.value?.mail ?? false),
    registration: computed(() => data.value?.registration ?? 'off'),
  }
}
