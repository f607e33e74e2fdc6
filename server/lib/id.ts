import { v7 } from 'uuid'

/** A new time-ordered id: 32 hex digits, sorted by creation within one process. */
export const newId = (): string => v7().replaceAll('-', '')

/** Our own id of one relay request; never the client's. */
export const newRequestId = (): string => `req_${newId()}`
