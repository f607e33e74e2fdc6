/**
 * The reader's key for the snippets of the help: in this tab's memory only. It never goes to the server, into an address
 * or onto the disk; a page that the server renders holds the placeholder.
 */
export const useHelpKey = () => useState('help-key', () => '')
