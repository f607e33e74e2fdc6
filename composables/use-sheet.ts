/**
 * A sheet about one thing, whose content is loaded when it opens. Answers that come late, about another thing or an earlier
 * question, are dropped.
 */
export function useSheet<Subject, Data>(fetchData: (of: Subject) => Promise<Data>) {
  const open = ref(false)
  const subject = shallowRef<Subject>()
  const data = shallowRef<Data>()
  const loading = ref(false)
  const failure = ref<string>()
  const { failureText } = useErrorText()
  let asked = 0

  /** Loads anew, or what `fetchMore` brings, in place of what is shown. */
  async function load(fetchMore = fetchData): Promise<void> {
    const of = subject.value
    if (of === undefined) return
    const mine = ++asked
    loading.value = true
    failure.value = undefined
    try {
      const found = await fetchMore(of)
      if (mine === asked) data.value = found
    }
    catch (error) {
      if (mine === asked) failure.value = failureText(error)
    }
    if (mine === asked) loading.value = false
  }

  async function show(of: Subject): Promise<void> {
    subject.value = of
    data.value = undefined
    open.value = true
    await load()
  }

  return { open, subject, data, loading, failure, load, show }
}
