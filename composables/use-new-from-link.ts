/** A link with `?new=1` opens the form of a new thing; the address goes back to the plain one. */
export function useNewFromLink(show: () => void) {
  const route = useRoute()
  const router = useRouter()
  onMounted(async () => {
    if (route.query.new !== '1') return
    const { new: _, ...query } = route.query
    await router.replace({ path: route.path, query })
    show()
  })
}
