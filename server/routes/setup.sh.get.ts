import { defineEventHandler } from 'h3'
import { sendSetupScript } from '#server/utils/setup-script'

export default defineEventHandler(event => sendSetupScript(event, 'setup.sh'))
