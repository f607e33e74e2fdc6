import { defineCostLimit } from './_shared/cost'

export default defineCostLimit({ id: 'cost-total', period: 'total', setting: 'totalNano', field: 'totalUsd', which: 'total', text: 'costTotal' })
