import type { Ref } from 'vue'
import { z } from 'zod'
import { accountPatchSchema, signInFinishSchema } from '#shared/schemas/account'
import type { AccountView, PlatformView, SignInView } from '#shared/types/api'
import type { ControlField, FormValues } from './form-fields'
import type { useForm } from './use-form'

interface SignInForm {
  platform: Ref<PlatformView | undefined>
  /** Null: a new account. */
  account: Ref<AccountView | null>
  values: Ref<FormValues>
  form: ReturnType<typeof useForm>
}

const codeShape = { code: signInFinishSchema.shape.code }
/** The form's own shape: the code beside the account's fields. */
const newSchema = z.strictObject({ ...signInFinishSchema.shape.account.unwrap().shape, ...codeShape })
const againSchema = z.strictObject({ ...accountPatchSchema.shape, ...codeShape })

/** Adding an account, or bringing one back, by its upstream's own sign-in instead of pasted credentials. */
export function useSignIn({ platform, account, values, form }: SignInForm) {
  const { t } = useI18n()
  const call = useApi()
  const { failed } = useNotice()
  const flow = shallowRef<SignInView | null>(null)
  const pending = ref(false)

  const offered = computed(() => platform.value?.signIn === true)
  const chosen = computed(() => offered.value && values.value.way === 'link')
  const fields = computed<ControlField[]>(() => offered.value
    ? [{ name: 'way', kind: 'select', label: t('accounts.signIn.way'), options: [{ value: 'link', label: t('accounts.signIn.byLink') }, { value: 'token', label: t('accounts.signIn.byToken') }] }]
    : [])

  function reset(): void {
    flow.value = null
  }

  async function prepare(): Promise<void> {
    pending.value = true
    try {
      const body = account.value ? { accountId: account.value.id } : { platform: platform.value?.id }
      flow.value = await call<SignInView>('/api/accounts/oauth/start', { method: 'POST', body })
    }
    catch (error) {
      failed(error)
    }
    finally {
      pending.value = false
    }
  }

  const finish = (body: object) => call<AccountView>('/api/accounts/oauth/finish', { method: 'POST', body: { flowId: flow.value?.flowId ?? 'none', ...body } })

  /** `body`: of the account, as it is saved without a sign-in. Undefined while something is wrong. */
  function save(body: FormValues): Promise<AccountView | undefined> {
    const { credentials: _credentials, platform: _platform, ...fieldsOfAccount } = body
    const old = account.value
    const code = String(values.value.code ?? '')
    if (!old) return form.submit(newSchema, { ...fieldsOfAccount, code }, () => finish({ code, account: fieldsOfAccount }))
    return form.submit(againSchema, { ...fieldsOfAccount, code }, async () => {
      // The code is good for one try, so what may be refused comes first; the exchange goes through the proxy entered here.
      await call<AccountView>(`/api/accounts/${old.id}`, { method: 'PATCH', body: fieldsOfAccount })
      return finish({ code })
    })
  }

  return { flow, pending, chosen, fields, reset, prepare, save }
}
