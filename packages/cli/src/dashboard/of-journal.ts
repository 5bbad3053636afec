// The state of a migration on one machine, from its journal file, which is only read.
import { journalRecords, journalSamples, journalStatus, type JournalError, type JournalStatus } from '@anydrive/migrate'
import type { LiveState } from '@anydrive/report'
import * as E from 'fp-ts/Either'
import { basename } from 'node:path'
import { ofJournal } from '../journal'
import type { Problem } from '../problem'
import { headOf } from '../report'
import { shellWord } from '../text'
import { createPace } from './pace'
import { figuresOf, ofUnreadable, seldom, type ReadState } from './state'

/** Failures that the journal only counts. */
const unlisted = (count: number): LiveState['failures'][number] => ({
  reason: 'Directories that could not be listed, and names that no path can hold',
  remedy: 'The summary of the migration names them.',
  count,
  examples: [],
})

const remarksOf = (status: JournalStatus, named: string): ReadonlyArray<string> => {
  switch (status.state) {
    case 'running':
    case 'complete':
      return []
    case 'incomplete':
      return [`The same command with --journal ${shellWord(named)} --retry-failed tries again what failed.`]
    case 'stopped':
      return [`The same command with --journal ${shellWord(named)} --resume continues it.`]
  }
}

/** `file`: its path; `named`: as it was given. */
export const readJournal = (file: string, named: string): ReadState => {
  const pace = createPace()
  const problem = (error: JournalError): Problem => ({
    ...ofJournal(error, named),
    remedy: 'Name the file that was given to --journal.',
  })
  let last: JournalStatus | undefined

  const conclusion = seldom(async (): Promise<E.Either<Problem, LiveState['ended']>> => {
    const opened = journalRecords(file)
    if (E.isLeft(opened)) return E.left(problem(opened.left))
    const { identity, complete } = opened.right
    const head = await headOf(opened.right, {
      from: '',
      to: '',
      options: { conflict: identity.conflict, names: identity.names, verify: identity.verify },
      stopped: complete ? undefined : 'It was stopped before its end',
      removed: 0,
      others: last?.others ?? 0,
      failed: [],
      failures: (last?.failures ?? 0) + (last?.problems ?? 0),
    }).finally(opened.right.close)
    return E.mapLeft(ofUnreadable)(head)
  })

  const read = seldom(async (): Promise<E.Either<Problem, LiveState>> => {
    const status = journalStatus(file)
    if (E.isLeft(status)) return E.left(problem(status.left))
    const samples = journalSamples(file, pace.last())
    if (E.isLeft(samples)) return E.left(problem(samples.left))
    for (const sample of samples.right) pace.add(sample)
    last = status.right
    const { state, label, problems, failures } = status.right
    const isRunning = state === 'running'
    const points = pace.points()
    // Nothing was begun: there is nothing to conclude.
    const ended = isRunning || points.length === 0 ? E.right(undefined) : await conclusion(`${state} ${pace.last()}`)
    if (E.isLeft(ended)) return ended
    const figures = figuresOf(status.right, pace, () => undefined)
    const now = Date.now()
    return E.right({
      ...figures,
      title: label === '' ? basename(file) : label,
      state: isRunning ? 'running' : 'ended',
      remarks: remarksOf(status.right, named),
      startedAt: points[0]?.at ?? now,
      at: isRunning ? now : (points.at(-1)?.at ?? now),
      totals: { ...figures.totals, failures: failures + problems },
      failures: [...figures.failures, ...(problems > 0 ? [unlisted(problems)] : [])],
      ended: ended.right,
    })
  })
  return () => read('')
}
