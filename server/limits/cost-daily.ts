import { defineCostLimit } from './_shared/cost'

export default defineCostLimit({ id: 'cost-daily', period: 'day', setting: 'dailyNano', field: 'dailyUsd', which: 'daily', text: 'costDay' })
