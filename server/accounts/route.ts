import type { Route } from '../relay/pools'

/** The way to a platform's sign-in, whose address is the operator's own: only the proxy is what somebody entered. */
export const signInRoute = ({ proxyUrl, publicOnly }: Route): Route => ({ proxyUrl, publicOnly: publicOnly && proxyUrl !== null })
