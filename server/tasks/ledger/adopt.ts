import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'ledger:adopt', description: 'Books the journals of processes that ended hard' },
  run: async () => ({ result: await useRuntime().tasks.runIfDue('ledger:adopt') }),
})
