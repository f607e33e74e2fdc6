import list from './data/claude-prices.json'

/** Names that the built-in price list knows, dated ones too. */
export const knownModels: readonly string[] = Object.keys(list.models)
