import { defineEventHandler } from 'h3'
import { logAccess } from '../utils/access-log'
import { isApiPath, isAssetPath } from '../utils/paths'

/** Comes before the guards, so that what they refuse is logged too. */
export default defineEventHandler((event) => {
  if (!isApiPath(event.path) || isAssetPath(event.path)) return
  logAccess(event)
})
