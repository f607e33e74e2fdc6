/**
 * A set-up script with the server's address and the pieces it names (`{{settings.jq}}`) in it; null when a file is missing.
 * Both stand between single quotes: an address cannot end them, a piece must not hold any.
 */
export async function fillScript(name: string, url: string, read: (file: string) => Promise<string | null>): Promise<string | null> {
  const text = await read(name)
  if (text === null) return null
  const names = [...text.matchAll(/\{\{(settings\.\w+)\}\}/g)].map(([, piece = '']) => piece)
  const pieces = new Map<string, string>()
  for (const piece of names) {
    const found = await read(piece)
    if (found === null) return null
    pieces.set(piece, found.trimEnd())
  }
  const address = url.replaceAll('\'', '%27')
  return text.replaceAll(/\{\{(url|settings\.\w+)\}\}/g, (_mark, what: string) => what === 'url' ? address : pieces.get(what) ?? '')
}
