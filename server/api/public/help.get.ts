import { helpSchema } from '#shared/schemas/help'
import { defineApi, readFilter } from '#server/utils/api'
import { useHelp } from '#server/utils/help'

export default defineApi(async event => await useHelp().view(readFilter(event, helpSchema)))
