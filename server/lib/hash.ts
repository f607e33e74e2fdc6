import { createHash, hash, timingSafeEqual } from 'node:crypto'

/** SHA-256 of the UTF-8 text, 64 lower-case hex digits. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex')

/** Compares two secrets in a time that depends on neither their content nor where they differ. */
export function safeEqual(a: string, b: string): boolean {
  // Digests have one length, so that timingSafeEqual takes them whatever the inputs are.
  return timingSafeEqual(digest(a), digest(b))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
