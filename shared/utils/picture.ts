/** What a picture may be: kinds that hold pixels only, never scripts as SVG does. */
export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

/** How a file of the kind begins; null: any byte. */
const beginnings: Record<PictureType, readonly (number | null)[]> = {
  'image/png': [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
  'image/jpeg': [0xFF, 0xD8, 0xFF],
  'image/webp': [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50],
}

/** The kind of a picture by its first bytes, whatever its name says; null for all else. */
export function pictureTypeOf(bytes: Uint8Array): PictureType | null {
  return pictureTypes.find(type => beginnings[type].every((byte, at) => at < bytes.length && (byte === null || byte === bytes[at]))) ?? null
}
