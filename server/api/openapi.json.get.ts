import { openApiSchema } from '#shared/schemas/openapi'
import type { Language } from '#shared/utils/language'
import { openApiDocument } from '#server/openapi/document'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { errorStatuses } from '#server/utils/error-statuses'

/** Made once per language: it only changes with the build. */
const made = new Map<Language, Record<string, unknown>>()

export default defineApi((event) => {
  const { lang } = readFilter(event, openApiSchema)
  const document = made.get(lang) ?? openApiDocument({ version: useRuntime().version, statuses: errorStatuses }, lang)
  made.set(lang, document)
  return document
})
