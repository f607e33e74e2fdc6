import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'logs:prune', description: 'Removes log rows past their retention' },
  run: async () => ({ result: await useRuntime().tasks.runIfDue('logs:prune') }),
})
