import type { PublicSettings } from '#shared/types/settings'

/** Where clients reach this server: its configured public address, else the one this page was asked at. */
export function useOrigin() {
  // The server's own word on it: a Host that could be no name of a host gets into no page.
  const asked = useState('origin', () => useRequestEvent()?.context.origin as string | undefined ?? useRequestURL().origin)
  // Behind a proxy that rewrites Host the browser knows better.
  onMounted(() => {
    asked.value = window.location.origin
  })
  const { data } = useApiData<PublicSettings>('/api/settings/public')
  return computed(() => data.value?.publicUrl?.replace(/\/+$/, '') ?? asked.value)
}
