import fc from 'fast-check'

/**
 * Property tests draw the same cases each time, so that a red run is the change's fault. `PROPERTY_SEED=<n>` draws others,
 * `PROPERTY_RUNS=<factor>` more of them.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_124) })

/** How many cases a property draws. */
export const runs = (count: number): { numRuns: number } => ({ numRuns: count * Number(process.env.PROPERTY_RUNS ?? 1) })

export { default as fc } from 'fast-check'
