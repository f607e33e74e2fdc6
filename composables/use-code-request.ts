import { codeRequestSchema, type CodePurpose } from '#shared/schemas/auth'
import type { CodeSentView } from '#shared/types/user'

type Form = ReturnType<typeof useForm>

/** The two steps of a code by mail: an address, then the code that went there. */
export function useCodeRequest(purpose: Exclude<CodePurpose, 'change_email'>, form: Form) {
  const email = ref('')
  /** Set once a code was asked for. */
  const sent = shallowRef<CodeSentView>()
  const call = useApi()

  async function ask(): Promise<void> {
    const body = { purpose, email: email.value }
    const answer = await form.submit(codeRequestSchema, body, () => call<CodeSentView>('/api/auth/codes', { method: 'POST', body }))
    if (answer) sent.value = answer
  }

  /** Back to the address. */
  function again(): void {
    form.clear()
    sent.value = undefined
  }

  return { email, sent, ask, again }
}
