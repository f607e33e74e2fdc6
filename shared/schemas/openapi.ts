import { z } from 'zod'
import { languages } from '#shared/utils/language'

/** `lang`: of the descriptions; default English. */
export const openApiSchema = z.strictObject({ lang: z.enum(languages).default('en') })
