import { z } from 'zod'

/** Parses a JSON column; a row that does not fit its schema is a fault of the program and throws. */
const column = <T extends z.ZodType>(schema: T) => (text: string): z.output<T> => schema.parse(JSON.parse(text))

export const parseStrings = column(z.array(z.string()))
export const parseStringMap = column(z.record(z.string(), z.string()))
