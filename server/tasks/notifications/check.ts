import { defineTask } from 'nitropack/runtime'
import { useRuntime } from '#server/runtime'

export default defineTask({
  meta: { name: 'notifications:check', description: 'Notices what people want to know of, and tells them' },
  run: async () => ({ result: await useRuntime().tasks.run('notifications:check') }),
})
