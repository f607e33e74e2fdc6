import { MAX_PRICE_FILE_BYTES, type PriceUrlInput } from '#shared/schemas/price'
import type { PricePreview } from '#shared/types/price'
import { invalidField } from '../../lib/errors'
import { PrivateAddressError, type Outbound } from '../../lib/outbound'
import { isPrivateUrl } from '../../lib/private-address'
import { requireAdmin, type Actor } from '../../users/actor'
import type { PriceBook } from '../prices'
import { PriceFileError, previewOf, type PreviewOptions } from './preview'

export interface PriceImportDeps {
  prices: PriceBook
  outbound: Outbound
}

const TIMEOUT_MS = 20_000

/** Looks at price files without changing anything. */
export function createPriceImport({ prices, outbound }: PriceImportDeps) {
  async function preview(bytes: Buffer, source: string, options: PreviewOptions, field: string): Promise<PricePreview> {
    try {
      return { source, rows: await previewOf(bytes.toString('latin1'), prices, options) }
    }
    catch (error) {
      if (error instanceof PriceFileError) throw invalidField(field, 'errors.priceFile', { reason: error.message })
      throw error
    }
  }

  return {
    /** `name`: of the file, for people. */
    file(actor: Actor, bytes: Buffer, name: string, options: PreviewOptions): Promise<PricePreview> {
      requireAdmin(actor)
      return preview(bytes, name, options, 'file')
    },

    /** Redirects are not followed; addresses of the operator's own network only if the admin says so. */
    async url(actor: Actor, { url, allowPrivate }: PriceUrlInput, options: PreviewOptions): Promise<PricePreview> {
      requireAdmin(actor)
      if (!URL.canParse(url)) throw invalidField('url', 'errors.url')
      const { username, password } = new URL(url)
      if (username || password) throw invalidField('url', 'errors.urlLogin')
      if (!allowPrivate && isPrivateUrl(url)) throw invalidField('url', 'errors.urlPrivate')
      const bytes = await download(outbound, url, allowPrivate)
      return preview(bytes, url.slice(0, 200), options, 'url')
    },
  }
}

async function download(outbound: Outbound, url: string, allowPrivate: boolean): Promise<Buffer> {
  const failed = (reason: string) => invalidField('url', 'errors.priceUrl', { reason })
  const answer = await outbound.send({ url, allowPrivate, timeoutMs: TIMEOUT_MS, maxBytes: MAX_PRICE_FILE_BYTES + 1, headers: { 'accept': 'application/json, text/plain', 'accept-encoding': 'identity' } })
    .catch((error: unknown) => {
      throw error instanceof PrivateAddressError ? invalidField('url', 'errors.urlPrivate') : failed(reasonOf(error))
    })
  if (answer.status !== 200) throw failed(`HTTP ${answer.status}`)
  const bytes = Buffer.from(answer.text)
  if (bytes.length > MAX_PRICE_FILE_BYTES) throw failed(`more than ${MAX_PRICE_FILE_BYTES} bytes`)
  return bytes
}

/** Short codes only: what a foreign server says is nobody's message. */
function reasonOf(error: unknown): string {
  const { code, name } = error as { code?: unknown, name?: unknown }
  return name === 'TimeoutError' ? 'time-out' : typeof code === 'string' ? code : 'no answer'
}
