import { isKeyLike } from '#shared/utils/help-fill'

/**
 * The reader's key for the snippets of the help, typed there or handed over by the page that made it: in this tab's memory
 * only. It never goes to the server, into an address or onto the disk; a page that the server renders holds the placeholder.
 */
export function useHelpKey() {
  const typed = useState('help-key', () => '')
  const given = computed(() => typed.value.trim())
  const problem = computed(() => given.value !== '' && !isKeyLike(given.value))
  return {
    /** As it was typed. */
    typed,
    /** Is it something that no key looks like? */
    problem,
    /** Empty when there is none. */
    key: computed(() => problem.value ? '' : given.value),
    forget: () => {
      typed.value = ''
    },
  }
}
