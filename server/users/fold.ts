/** The form under which user names and e-mail addresses are compared: full-width and upper-case letters are the same as plain ones. */
export const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase()
