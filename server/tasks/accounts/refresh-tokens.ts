import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'accounts:refresh-tokens', description: 'Renews tokens that end soon' },
  run: async () => ({ result: await useRuntime().tasks.run('accounts:refresh-tokens') }),
})
