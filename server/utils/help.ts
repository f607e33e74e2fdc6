import { useStorage } from 'nitropack/runtime'
import { createHelp, type Help } from '#server/help/library'

const texts = () => useStorage('assets:content')
let help: Help | undefined

/** A file of `content/`, as text; null when there is none. */
export async function readContent(path: string): Promise<string | null> {
  const raw = await texts().getItemRaw<Uint8Array | string>(path.replaceAll('/', ':'))
  return raw === null || raw === undefined ? null : Buffer.from(raw as Uint8Array).toString('utf8')
}

/** The help that is built into the server. */
export function useHelp(): Help {
  help ??= createHelp({
    names: async () => (await texts().getKeys('help')).map(key => key.replaceAll(':', '/').replace(/^help\//, '')),
    read: name => readContent(`help/${name}`),
  })
  return help
}
