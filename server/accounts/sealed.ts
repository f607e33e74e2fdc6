/** What a sealed column of an account is bound to: a sealed value moved to another row does not open. */
export const credentialsContext = (accountId: string): string => `account:${accountId}:credentials`
export const proxyContext = (accountId: string): string => `account:${accountId}:proxy`
