import { stringify } from 'csv-stringify/sync'
import type { ExportFormat } from '#shared/schemas/common'

/** One column of a CSV file. Names are those of the JSON API. */
export interface ExportColumn<T> { name: string, value(row: T): string | number | boolean | null | undefined }

export interface ExportFile {
  /** `relay-<what>-<local date>.<format>` */
  name: string
  contentType: string
  /** The file, piece by piece; the next one is made when it is asked for. */
  pieces: AsyncGenerator<string>
}

export interface ExportOptions {
  format: ExportFormat
  /** Begin CSV with the mark by which Excel knows UTF-8. */
  bom: boolean
  /** Without date and ending. */
  name: string
  /** Local date. */
  date: string
}

const contentTypes: Record<ExportFormat, string> = { csv: 'text/csv; charset=utf-8; header=present', json: 'application/json', ndjson: 'application/x-ndjson' }

/** Rows as a file: CSV of `columns`, whole rows as a JSON array, or one JSON object a line. */
export function exportFile<T>(batches: AsyncIterable<T[]>, columns: readonly ExportColumn<T>[], { format, bom, name, date }: ExportOptions): ExportFile {
  const pieces = format === 'csv' ? csv(batches, columns, bom) : format === 'json' ? json(batches) : ndjson(batches)
  return { name: `relay-${name}-${date}.${format}`, contentType: contentTypes[format], pieces }
}

/** A cell that a spreadsheet would run as a formula (`=`, `+`, `-`, `@`, tab, return) gets an apostrophe in front. */
async function* csv<T>(batches: AsyncIterable<T[]>, columns: readonly ExportColumn<T>[], bom: boolean): AsyncGenerator<string> {
  const lines = (records: unknown[][]) => stringify(records, { escape_formulas: true, record_delimiter: 'windows', cast: { boolean: String } })
  yield (bom ? '\uFEFF' : '') + lines([columns.map(column => column.name)])
  for await (const batch of batches) {
    if (batch.length > 0) yield lines(batch.map(row => columns.map(column => column.value(row) ?? '')))
  }
}

async function* json<T>(batches: AsyncIterable<T[]>): AsyncGenerator<string> {
  let before = '['
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield before + batch.map(row => JSON.stringify(row)).join(',\n')
    before = ',\n'
  }
  yield before === '[' ? '[]\n' : ']\n'
}

async function* ndjson<T>(batches: AsyncIterable<T[]>): AsyncGenerator<string> {
  for await (const batch of batches) {
    if (batch.length > 0) yield batch.map(row => `${JSON.stringify(row)}\n`).join('')
  }
}
