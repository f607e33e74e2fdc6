/** Whether data of a page was answered, well or not. */
export const isThere = (status: string): boolean => status === 'success' || status === 'error'

/** A link with `?new=1` opens the form of a new thing, once what it chooses from is there; the address goes back to the plain one. */
export function useNewFromLink(show: () => void, ready: () => boolean = () => true) {
  const route = useRoute()
  const router = useRouter()
  const asked = ref(false)
  onMounted(async () => {
    if (route.query.new !== '1') return
    const { new: _, ...query } = route.query
    await router.replace({ path: route.path, query })
    asked.value = true
  })
  watch(() => asked.value && ready(), (now) => {
    if (!now) return
    asked.value = false
    show()
  }, { flush: 'post' })
}
