import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'stats:verify', description: 'Compares the statistics with the log rows and repairs them' },
  run: async () => ({ result: await useRuntime().tasks.runIfDue('stats:verify') }),
})
