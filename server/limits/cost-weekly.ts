import { defineCostLimit } from './_shared/cost'

export default defineCostLimit({ id: 'cost-weekly', period: 'week', setting: 'weeklyNano', field: 'weeklyUsd', which: 'weekly', text: 'costWeek' })
