import { noUsage } from '#shared/types/usage'
import { scanTopLevel } from '../../lib/json-scan'
import type { UsageReader } from '../platform'

/** Reads nothing but whether a body is one whole JSON object: for calls that are not accounted. */
export function wholeJson(): UsageReader {
  const pieces: Buffer[] = []
  return {
    seen: 'nothing',
    push: bytes => void pieces.push(bytes),
    end: () => ({ usage: noUsage(), complete: scanTopLevel(Buffer.concat(pieces).toString('latin1')).ok, servedModel: null, stopReason: null, error: null }),
  }
}
