import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'accounts:recover', description: 'Ends limits whose time is over and probes abnormal accounts' },
  run: async () => ({ result: await useRuntime().tasks.runIfDue('accounts:recover') }),
})
