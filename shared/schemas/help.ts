import { z } from 'zod'
import { languages } from '../utils/language'

export const helpSchema = z.strictObject({
  language: z.enum(languages).default('en'),
  /** Last part of the page's path. */
  page: z.string().regex(/^[\w-]{1,60}$/).default('index'),
  /** Words that a place must hold, all of them. */
  q: z.string().trim().max(100).optional(),
})
