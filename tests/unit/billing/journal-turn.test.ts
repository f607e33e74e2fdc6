import { describe, expect, it, vi } from 'vitest'
import { JournalError, type JournalEntry } from '#server/billing/journal'
import { listTerms } from '#server/billing/journal-lines'
import { JournalTurn } from '#server/billing/journal-turn'
import { createLogger } from '#server/lib/logger'
import { noUsage } from '#shared/types/usage'
import { closedRequest, openedRequest } from '../../helpers/requests'

/** A journal in memory and a turn that ends when told to. `refuses` stands for a disk without room. */
function setUp(refuses: (entries: readonly JournalEntry[]) => boolean = () => false) {
  const steps: string[] = []
  const ends: (() => void)[] = []
  let size = 0
  const nameOf = (entry: JournalEntry): string => entry.kind === 'opened' ? `o:${entry.request.requestId}` : entry.kind === 'usage' ? `u:${entry.requestId}` : `c:${entry.row.requestId}`
  const journal = {
    write(entries: readonly JournalEntry[]): number[] {
      if (refuses(entries)) throw new JournalError('no room')
      steps.push(entries.map(nameOf).join(' '))
      return entries.map(() => size += 10)
    },
  }
  const logger = createLogger({ level: 'silent' })
  const error = vi.spyOn(logger, 'error')
  const turn = new JournalTurn({ journal, logger, atEnd: work => void ends.push(work) })
  return { turn, steps, error, end: () => ends.splice(0).forEach(work => work()) }
}

const open = (turn: JournalTurn, id: string): Promise<void> => turn.opened(openedRequest(id), listTerms)

describe('the turn of the journal', () => {
  it('writes all lines of a turn at once, then lets those go on who waited for them', async () => {
    const { turn, steps, end } = setUp()
    const opened = Promise.all(['a', 'b'].map(id => open(turn, id).then(() => steps.push(`sent ${id}`))))
    turn.closed(closedRequest('c'), at => steps.push(`c ends at ${at}`))
    turn.after(() => steps.push('c leaves'))
    expect(steps).toEqual([])
    end()
    expect(steps).toEqual(['o:a o:b c:c', 'c ends at 30', 'c leaves'])
    await opened
    expect(steps.slice(3)).toEqual(['sent a', 'sent b'])
  })

  it('a commit comes before the end of the turn, and nothing is written twice', () => {
    const { turn, steps, end } = setUp()
    turn.closed(closedRequest('a'), () => steps.push('counted'))
    turn.commit()
    expect(steps).toEqual(['c:a', 'counted'])
    turn.usage('b', noUsage(), null)
    end()
    end()
    expect(steps).toEqual(['c:a', 'counted', 'u:b'])
  })

  it('a row takes the place of what was noted of its request in the same turn, and of nothing else', () => {
    const { turn, steps, end } = setUp()
    turn.usage('a', noUsage(), null)
    turn.usage('b', noUsage(), null)
    turn.closed(closedRequest('a'), () => undefined)
    end()
    expect(steps).toEqual(['u:b c:a'])
  })

  it('without a line to write, work is done before the next turn', async () => {
    const { turn, steps } = setUp()
    turn.after(() => steps.push('left'))
    expect(steps).toEqual([])
    await Promise.resolve()
    await new Promise<void>(resolve => process.nextTick(resolve))
    expect(steps).toEqual(['left'])
  })

  it('what comes while the turn ends belongs to the next one', () => {
    const { turn, steps, end } = setUp()
    turn.closed(closedRequest('a'), () => turn.closed(closedRequest('b'), () => undefined))
    end()
    expect(steps).toEqual(['c:a'])
    end()
    expect(steps).toEqual(['c:a', 'c:b'])
  })

  it('lines that do not fit together are tried one by one: each caller hears of its own', async () => {
    const { turn, steps, error, end } = setUp(entries => entries.some(entry => entry.kind === 'opened'))
    const refused = expect(open(turn, 'a')).rejects.toThrow(JournalError)
    const counted: (number | null)[] = []
    turn.closed(closedRequest('b'), at => counted.push(at))
    turn.after(() => steps.push('b leaves'))
    end()
    await refused
    expect(steps).toEqual(['c:b', 'b leaves'])
    expect(counted).toEqual([10])
    expect(error).not.toHaveBeenCalled()
  })

  it('a row that cannot be written takes the answer from nobody, and is reported', () => {
    const { turn, steps, error, end } = setUp(() => true)
    const counted: (number | null)[] = []
    turn.closed(closedRequest('a'), at => counted.push(at))
    turn.after(() => steps.push('a leaves'))
    end()
    expect(counted).toEqual([null])
    expect(steps).toEqual(['a leaves'])
    expect(error).toHaveBeenCalledOnce()
  })
})
