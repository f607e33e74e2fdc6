/** When each scheduled task runs, as cron says it, in the zone of the process (`TZ`). */
export const schedule: Record<string, string> = {
  'accounts:recover': '* * * * *',
  'accounts:refresh-tokens': '* * * * *',
  'notifications:check': '* * * * *',
  'ledger:adopt': '*/5 * * * *',
  'prices:reprice': '*/5 * * * *',
  'logs:prune': '17 3 * * *',
  'stats:verify': '47 3 * * *',
}

/** The same as Nitro takes it: tasks by time. */
export function tasksByTime(): Record<string, string[]> {
  const table: Record<string, string[]> = {}
  for (const [task, cron] of Object.entries(schedule)) (table[cron] ??= []).push(task)
  return table
}
