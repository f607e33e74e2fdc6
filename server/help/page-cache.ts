/** A page as it is sent. */
export interface RenderedPage {
  body: Buffer
  /** The policy that allows exactly the scripts of this body. */
  policy: string
}

/**
 * Rendered pages by what they depend on, in memory. Each is rendered once, whoever asks for it at the same time. Past `maxBytes`
 * (bodies and keys together) those go that nobody asked for the longest; one that alone is larger is not kept.
 */
export function createPageCache({ maxBytes }: { maxBytes: number }) {
  const kept = new Map<string, RenderedPage>()
  const rendering = new Map<string, Promise<RenderedPage | null>>()
  let bytes = 0
  const sizeOf = (key: string, { body, policy }: RenderedPage) => body.length + 2 * (key.length + policy.length)

  function drop(key: string): void {
    const page = kept.get(key)
    if (!page) return
    kept.delete(key)
    bytes -= sizeOf(key, page)
  }

  function keep(key: string, page: RenderedPage): void {
    const size = sizeOf(key, page)
    if (size > maxBytes) return
    drop(key)
    kept.set(key, page)
    bytes += size
    for (const oldest of kept.keys()) {
      if (bytes <= maxBytes) return
      drop(oldest)
    }
  }

  function start(key: string, render: () => Promise<RenderedPage | null>): Promise<RenderedPage | null> {
    const running = Promise.resolve().then(render).then((page) => {
      if (page) keep(key, page)
      return page
    }).finally(() => rendering.delete(key))
    rendering.set(key, running)
    return running
  }

  return {
    /** The page of this key; null, and nothing kept, when `render` gives none. Throws what `render` throws. */
    async get(key: string, render: () => Promise<RenderedPage | null>): Promise<RenderedPage | null> {
      const page = kept.get(key)
      if (page) {
        kept.delete(key)
        kept.set(key, page)
        return page
      }
      return await (rendering.get(key) ?? start(key, render))
    },
    size: () => ({ pages: kept.size, bytes }),
  }
}

export type PageCache = ReturnType<typeof createPageCache>
