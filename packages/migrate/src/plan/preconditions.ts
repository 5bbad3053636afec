// Whether what a plan says of its entries is still so.
import { showPath, type Checksums, type DriveError, type DrivePath, type Entry } from '@anydrive/core'
import { locate, preconditionFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { algorithms } from '../proof'
import type { PlanLine, Stated } from './line'

/** What is no longer as it was when the plan was made. */
export interface PlanProblem {
  readonly _tag: 'SourceGone' | 'SourceChanged' | 'SourceAppeared' | 'TargetGone' | 'TargetChanged' | 'TargetAppeared'
  readonly path: DrivePath
  readonly message: string
}

const nothing: Checksums = {}
const shown = (moment: Date | undefined): string => moment?.toISOString() ?? 'none'

/** What differs; undefined where all that is stated holds. Equal versions, or else an equal checksum, say more than a time. */
const difference = (then: Stated, now: Stated): string | undefined => {
  if (then.size !== undefined && then.size !== now.size)
    return `its size was ${then.size}, and is ${now.size ?? 'unknown'}`
  const [before, after] = [then.checksums ?? nothing, now.checksums ?? nothing]
  const shared = algorithms.filter((it) => before[it] !== undefined && after[it] !== undefined)
  const wrong = shared.find((it) => before[it] !== after[it])
  if (wrong !== undefined) return `its ${wrong} is another`
  if (then.version !== undefined && then.version === now.version) return undefined
  if (shared.length > 0) return undefined
  if (then.version !== undefined && now.version !== undefined) return 'its version is another'
  const [was, is] = [then.modifiedAt, now.modifiedAt]
  if (was !== undefined && was.getTime() !== is?.getTime())
    return `it was changed at ${shown(is)}, before at ${shown(was)}`
  return then.version === undefined ? undefined : 'its version is no longer counted'
}

const statedNow = (entry: Entry): Stated => (entry.kind === 'file' ? entry : {})

/** `now`: what stands at `from`; undefined where nothing does. Right: that, as it was planned. */
export const sourceHolds = (line: PlanLine, now: Entry | undefined): E.Either<PlanProblem, Entry> => {
  const problem = (_tag: PlanProblem['_tag'], what: string): E.Either<PlanProblem, never> =>
    E.left({ _tag, path: line.from, message: `${showPath(line.from)} ${what} since the plan was made` })
  if (now === undefined) return problem('SourceGone', 'is gone')
  if (now.kind !== line.kind) return problem('SourceChanged', `became a ${now.kind}`)
  const changed = line.kind === 'file' ? difference(line, statedNow(now)) : undefined
  return changed === undefined ? E.right(now) : problem('SourceChanged', `has changed (${changed})`)
}

/** `now`: what stands at `to`; undefined where nothing does. A directory that stands, or is gone, makes no difference to one that is to be there. */
export const targetHolds = (line: PlanLine, now: Entry | undefined): E.Either<PlanProblem, void> => {
  const problem = (_tag: PlanProblem['_tag'], what: string): E.Either<PlanProblem, never> =>
    E.left({ _tag, path: line.to, message: `${showPath(line.to)} ${what} since the plan was made` })
  const then = line.existing?.path === line.to ? line.existing : undefined
  if (line.kind === 'directory' && line.do !== 'replace')
    return now === undefined || now.kind === 'directory'
      ? E.right(undefined)
      : problem('TargetAppeared', `became a ${now.kind}`)
  if (then === undefined)
    return now === undefined ? E.right(undefined) : problem('TargetAppeared', `appeared (a ${now.kind})`)
  if (now === undefined) return problem('TargetGone', 'is gone')
  if (now.kind === then.kind && now.kind === 'directory') return E.right(undefined)
  const changed = now.kind === then.kind ? difference(then, statedNow(now)) : `it became a ${now.kind}`
  return changed === undefined ? E.right(undefined) : problem('TargetChanged', `has changed (${changed})`)
}

const isOfSource = ({ _tag }: PlanProblem): boolean => _tag === 'SourceGone' || _tag === 'SourceChanged'

const tags: ReadonlyArray<string> = [
  'SourceGone',
  'SourceChanged',
  'SourceAppeared',
  'TargetGone',
  'TargetChanged',
  'TargetAppeared',
]

/** As a journal keeps it, and a summary counts it. */
export const problemError = (vendor: string, problem: PlanProblem): DriveError => ({
  ...locate({ vendor, operation: isOfSource(problem) ? 'readFile' : 'writeFile', path: problem.path })(
    preconditionFailed({ code: problem._tag }),
  ),
  message: problem.message,
})

/** Which precondition failed; undefined where it is another error. */
export const problemOf = (error: DriveError): PlanProblem['_tag'] | undefined =>
  error._tag === 'PreconditionFailed' && tags.includes(error.code ?? '')
    ? (error.code as PlanProblem['_tag'])
    : undefined
