import type { UserView } from '../types/api'
import type { StatsOverviewView } from '../types/stats'

type Steps = StatsOverviewView['steps']
export type StepName = keyof Steps

const all: readonly StepName[] = ['account', 'test', 'key', 'settings', 'request']
const withoutAccount: readonly StepName[] = ['key', 'settings', 'request']

/** The first steps a person has to take, in order: who draws from the shared pool needs no account of their own. */
export function firstStepsOf(user: Pick<UserView, 'role' | 'sharedPool'>, steps: Steps): readonly StepName[] {
  return user.role !== 'admin' && user.sharedPool && !steps.account ? withoutAccount : all
}

/** The step to take now. A test that was passed over is not asked for again; undefined when nothing is left. */
export function nextStepOf(names: readonly StepName[], steps: Steps): StepName | undefined {
  const passedOver = (name: StepName, index: number) => name === 'test' && names.slice(index + 1).some(later => steps[later])
  return names.find((name, index) => !steps[name] && !passedOver(name, index))
}
