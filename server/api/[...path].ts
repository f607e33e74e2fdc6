import { notFound } from '#server/lib/errors'
import { defineApi } from '#server/utils/api'

/** Keeps unknown API paths from reaching the page renderer. */
export default defineApi(() => {
  throw notFound('path or method')
})
