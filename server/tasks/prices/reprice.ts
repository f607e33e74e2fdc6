import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'prices:reprice', description: 'Prices log rows whose model had no price' },
  run: async () => ({ result: await useRuntime().tasks.runIfDue('prices:reprice') }),
})
