/** Is everything here made up (`npm run demo`)? Set by the server for each page, and the same for as long as it runs. */
export const useDemo = () => useState<boolean>('demo', () => useRequestEvent()?.context.demo === true)
