import { bigint, customType, index, int, mysqlTable, primaryKey, uniqueIndex } from 'drizzle-orm/mysql-core'
import type { Kit } from './kit.sqlite'

const UNICODE = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

const ascii = (length: number) => customType<{ data: string }>({
  dataType: () => `varchar(${length}) CHARACTER SET ascii COLLATE ascii_bin`,
  toDriver: withoutUnicode,
})
const unicode = (length: number) => customType<{ data: string }>({ dataType: () => `varchar(${length}) ${UNICODE}` })
const longText = customType<{ data: string }>({ dataType: () => `mediumtext ${UNICODE}` })
const flag = customType<{ data: boolean, driverData: number }>({
  dataType: () => 'tinyint',
  toDriver: value => (value ? 1 : 0),
  fromDriver: value => Number(value) === 1,
})

/** MySQL refuses to compare such a column with other characters at all; a strange id in a look-up shall just find nothing. */
function withoutUnicode(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The MySQL 5.7 side: other builders, the same JavaScript value in and out. */
const mysqlKit = {
  table: mysqlTable,
  index,
  uniqueIndex,
  primaryKey,
  id: (length = 40) => ascii(length)(),
  name: (length = 100) => unicode(length)(),
  text: () => longText(),
  int: () => int(),
  big: () => bigint({ mode: 'number' }),
  time: () => bigint({ mode: 'number' }),
  flag: () => flag(),
} satisfies Record<keyof Kit, unknown>

export default mysqlKit as unknown as Kit
