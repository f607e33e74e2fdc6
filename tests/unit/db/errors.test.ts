import { describe, expect, it } from 'vitest'
import { StoreError, toStoreError } from '#server/db/errors'

const mysqlError = (code: string, message: string, more: object = {}) => Object.assign(new Error(message), { code, sql: 'insert … \'hunter2\'', ...more })

// Whatever a driver says may end up in a log line.
describe('toStoreError', () => {
  it.each([
    ['ER_DUP_ENTRY', 'Duplicate entry \'hunter2\' for key \'users_email_key_idx\'', 'duplicate', 'users_email_key_idx'],
    ['ER_DUP_ENTRY', 'Duplicate entry \'it\'s hunter2 for key \'\' for key \'users.users_email_key_idx\'', 'duplicate', 'users_email_key_idx'],
    ['ER_PARSE_ERROR', 'You have an error near \'selec \'hunter2\', 5\' at line 1', 'other', 'at line 1'],
    ['ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'Incorrect string value: \'hunter2\' for column \'x\' at row 1', 'other', 'Incorrect string value'],
    ['ER_DATA_TOO_LONG', 'Data too long for column \'user_name\' at row 1', 'other', 'user_name'],
    ['ER_LOCK_DEADLOCK', 'Deadlock found', 'conflict', 'Deadlock'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:3306', 'unavailable', '10.0.0.1'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: users.email_key', 'duplicate', 'email_key'],
    ['SQLITE_BUSY_SNAPSHOT', 'database is locked', 'conflict', 'locked'],
    ['SQLITE_FULL', 'database or disk is full', 'unavailable', 'full'],
  ])('keeps code and cause of %s, drops the values', (code, message, kind, kept) => {
    const error = toStoreError(mysqlError(code, message))
    expect(error).toMatchObject({ name: 'StoreError', code, kind })
    expect(error.message).toContain(kept)
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('hunter2')
  })

  it('knows a lost connection that carries no code', () => {
    expect(toStoreError(Object.assign(new Error('Can\'t add new command when connection is in closed state'), { fatal: true })).kind).toBe('unavailable')
    expect(toStoreError(new Error('Pool is closed.')).kind).toBe('unavailable')
    expect(toStoreError(new Error('something else')).kind).toBe('other')
  })

  it('leaves its own errors alone', () => {
    const error = new StoreError('x', 'in_use', 'STORE_IN_USE')
    expect(toStoreError(error)).toBe(error)
  })
})
