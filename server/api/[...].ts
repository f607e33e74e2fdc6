import { AppError, notFound } from '#server/lib/errors'
import { defineApi } from '#server/utils/api'

/**
 * Keeps unknown API paths, and unknown methods of known ones, from reaching the page renderer. The parameter has no
 * name because h3 looks for another method's handler only in plain `/api/**`.
 */
export default defineApi((event) => {
  if (event.context.matchedRoute?.path !== '/api/**') throw new AppError('method_not_allowed', 'This path does not take this method.')
  throw notFound('path')
})
