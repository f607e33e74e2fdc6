import { relative } from 'node:path'
import type { Manifest } from 'vue-bundle-renderer'
import type { Plugin } from 'vite'

/** Files that the server tells the renderer of when it used them. */
const page = /^(?:(?:pages|layouts)\/.+|error)\.vue$/

/**
 * Lets the server find the style sheets of every page and layout. A chunk that also holds what another chunk imports loses its name in
 * Vite's manifest; its page would then be sent without its styles, and drawn twice.
 */
export function pageStyles(root: string) {
  const chunks = new Map<string, string>()
  const plugin: Plugin = {
    name: 'page-styles',
    apply: config => !config.build?.ssr,
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        for (const id of chunk.moduleIds) {
          const name = relative(root, id)
          if (page.test(name)) chunks.set(name, chunk.fileName)
        }
      }
    },
  }

  /** Names in the manifest what the plugin saw in the browser's build. */
  function complete(manifest: Manifest): void {
    for (const [name, file] of chunks) {
      if (name in manifest) continue
      const item = Object.values(manifest).find(each => file.endsWith(`/${each.file}`) || file === each.file)
      if (!item) throw new Error(`The build's manifest has no chunk ${file}, which holds ${name}`)
      manifest[name] = { ...item, src: name }
    }
  }

  return { plugin, complete }
}
