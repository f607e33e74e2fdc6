import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isSafeMethod } from '#server/utils/methods'

const folder = fileURLToPath(new URL('../../server/api', import.meta.url))

/** `keys/[id].patch.ts` as `PATCH /api/keys/:id`. */
function routeOf(file: string): string {
  const [, path = '', method = 'any'] = /^(.*?)(?:\.(get|post|put|patch|delete|head|options))?\.ts$/.exec(file) ?? []
  const parts = path.split('/').filter(part => part !== 'index').map(part => part.replace(/^\[\.{3}\]$/, '**').replace(/^\[(\w+)\]$/, ':$1'))
  return `${method.toUpperCase()} ${['/api', ...parts].join('/')}`
}

/** Every route of the JSON API that there is a file for, as `METHOD /path`. */
export const apiRoutes: string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(routeOf).sort()

/** Method and path to call. The catch-all is called by an unsafe method and a path that nothing else has. */
export function callOf(route: string, ids: Record<string, string> = {}): { method: string, path: string, safe: boolean } {
  const [method = '', path = ''] = route.replace('ANY ', 'PUT ').split(' ')
  const filled = path.replace('**', 'no/such/path').replace(/\/api\/(?:admin\/)?([\w-]+)\/:\w+/, (whole, resource: string) => whole.replace(/:\w+$/, ids[resource] ?? 'nothing-of-that-id')).replace(':shareId', ids.shares ?? 'nothing-of-that-id')
  return { method, path: filled, safe: isSafeMethod(method) }
}
