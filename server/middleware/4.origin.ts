import { getRequestHeader } from 'h3'
import { AppError } from '#server/lib/errors'
import { useRuntime } from '#server/runtime'
import { defineApiGuard } from '../utils/api'
import { isSafeMethod } from '../utils/methods'
import { hostsOf } from '../utils/peer'

/** Refuses writes that another site's page makes in the name of the signed-in user. Scripts send neither header. */
export default defineApiGuard((event) => {
  if (isSafeMethod(event.method)) return
  const site = getRequestHeader(event, 'sec-fetch-site')
  const origin = getRequestHeader(event, 'origin')
  const foreign = (site !== undefined && site !== 'same-origin' && site !== 'none') || (origin !== undefined && !isOwn(origin, hostsOf(event)))
  if (foreign) throw new AppError('origin_refused', 'This request comes from another site. If this is the relay\'s own address, set PUBLIC_URL to it.')
})

function isOwn(origin: string, hosts: string[]): boolean {
  if (!URL.canParse(origin)) return false
  const { PUBLIC_URL } = useRuntime().config
  const { origin: given, host } = new URL(origin)
  return hosts.includes(host) || (PUBLIC_URL !== undefined && given === new URL(PUBLIC_URL).origin)
}
