import { z } from 'zod'
import { pictureTypeOf, pictureTypes } from '../utils/picture'

/** How large the operator's picture may be. */
export const MAX_LOGO_BYTES = 64 * 1024

/** Base64 has four characters for three bytes. */
const MAX_LOGO_TEXT = Math.ceil(MAX_LOGO_BYTES / 3) * 4
/** As many characters as hold the longest beginning that a kind is told by, and no half group. */
const HEAD = 16

/** What is uploaded: its kind is what its bytes say. */
export const logoSchema = z.strictObject({
  data: z.base64({ abort: true })
    .refine(text => text.length <= MAX_LOGO_TEXT && bytesIn(text) <= MAX_LOGO_BYTES, { message: 'errors.pictureSize', abort: true })
    .refine(text => pictureTypeOf(headOf(text)) !== null, 'errors.pictureType'),
})
export type LogoInput = z.output<typeof logoSchema>

/** What is kept in the settings table. `version` changes with the picture. */
export const keptLogoSchema = z.object({ type: z.enum(pictureTypes), data: z.base64(), version: z.string() })

const bytesIn = (text: string): number => text.length / 4 * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)

/** The first bytes of what is written in base64. */
export function headOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64.slice(0, HEAD)), letter => letter.charCodeAt(0))
}
