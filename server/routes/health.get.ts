import { defineEventHandler } from 'h3'

/** The process is alive. */
export default defineEventHandler(() => ({ status: 'ok' }))
