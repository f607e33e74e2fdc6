// The demo's server, which ends when the demo that started it is gone, however that ended.
import { pathToFileURL } from 'node:url'
import { followParent } from '../lib/follow-parent.mjs'

process.env.npm_lifecycle_event = 'demo'
followParent()
await import(pathToFileURL(process.argv[2]).href)
