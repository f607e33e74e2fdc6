/** A path of this site to go on to, or the fallback for whatever could lead elsewhere. */
export function safePath(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return fallback
  const base = 'http://here.invalid'
  if (!URL.canParse(next, base)) return fallback
  const url = new URL(next, base)
  return url.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : fallback
}
