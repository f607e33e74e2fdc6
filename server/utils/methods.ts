const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Methods that change nothing. */
export const isSafeMethod = (method: string): boolean => safe.has(method)
