import { defineCostLimit } from './_shared/cost'

export default defineCostLimit({ id: 'cost-monthly', period: 'month', setting: 'monthlyNano', field: 'monthlyUsd', which: 'monthly', text: 'costMonth' })
