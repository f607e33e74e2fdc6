import type { z } from 'zod'
import { problemsOf, type FieldProblem } from '#shared/schemas/errors'

/** Errors of one form: at the field where a field shows them, else above the form. */
export interface FormErrors {
  /** Message for a field, or for an entry of it. */
  of(name: string): string | undefined
  register(name: string): () => void
  /** What is changed is not known to be wrong any more. */
  forget(name: string): void
}

export const formErrorsKey: InjectionKey<FormErrors> = Symbol('form-errors')

/** In a field: what is wrong with it, until `forget` is told that it was changed. */
export function useFieldError(name: string) {
  const errors = inject(formErrorsKey, undefined)
  onBeforeUnmount(errors?.register(name) ?? (() => {}))
  return { error: computed(() => errors?.of(name)), forget: () => errors?.forget(name) }
}

/** A form that is checked by the server's own schema before it is sent, and shows what the server says after. */
export function useForm() {
  const { t } = useI18n()
  const { problemText, failureText } = useErrorText()
  const problems = shallowRef<FieldProblem[]>([])
  const failure = ref<string>()
  const pending = ref(false)
  const fields = new Set<string>()

  const isOf = (problem: FieldProblem, name: string) => problem.path === name || problem.path.startsWith(`${name}.`)
  const of = (name: string) => {
    const found = problems.value.find(problem => isOf(problem, name))
    return found && problemText(found)
  }
  const general = computed(() => {
    const rest = problems.value.filter(problem => ![...fields].some(name => isOf(problem, name)))
    const lines = rest.map(problem => problem.path ? `${problem.path}: ${problemText(problem)}` : problemText(problem))
    return [failure.value, ...lines].filter(Boolean).join('; ') || (problems.value.length > 0 ? t('form.seeFields') : undefined)
  })

  function clear(): void {
    problems.value = []
    failure.value = undefined
  }

  /** Sends the body if it is sound. Resolves to the answer, or undefined when something was wrong and is shown. */
  async function submit<T>(schema: z.ZodType, body: unknown, send: () => Promise<T>): Promise<T | undefined> {
    clear()
    const parsed = schema.safeParse(body)
    if (!parsed.success) {
      problems.value = problemsOf(parsed.error)
      return goToFirst()
    }
    pending.value = true
    try {
      return await send()
    }
    catch (error) {
      problems.value = toApiFailure(error).problems
      if (problems.value.length === 0) failure.value = failureText(error)
      return goToFirst()
    }
    finally {
      pending.value = false
    }
  }

  /** Puts the person at the first field that is wrong, once it is marked. */
  async function goToFirst(): Promise<undefined> {
    await nextTick()
    document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }

  function register(name: string) {
    fields.add(name)
    return () => void fields.delete(name)
  }

  function forget(name: string): void {
    if (problems.value.some(problem => isOf(problem, name))) problems.value = problems.value.filter(problem => !isOf(problem, name))
  }

  const errors: FormErrors = { of, register, forget }
  return { errors, general, pending, submit, clear }
}
