import { createBrotliDecompress, createGunzip, createInflate, constants, type BrotliDecompress, type Gunzip, type Inflate } from 'node:zlib'

export type Decoder = Gunzip | Inflate | BrotliDecompress

/** A decoder that gives out what it has at once (streams must not wait for a block to fill), or null for an unknown encoding. */
export function decoderFor(encoding: string): Decoder | null {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip': return createGunzip({ flush: constants.Z_SYNC_FLUSH })
    case 'deflate': return createInflate({ flush: constants.Z_SYNC_FLUSH })
    case 'br': return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
    default: return null
  }
}
