/**
 * The form under which user names and e-mail addresses are compared: full-width and upper-case letters are the same as plain
 * ones. Trimmed, since MySQL ignores trailing spaces in comparisons and SQLite does not.
 */
export const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase()
