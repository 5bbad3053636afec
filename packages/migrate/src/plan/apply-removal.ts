// The removals of a plan, each checked once more at both ends.
import { isInside, type DriveError, type DrivePath } from '@anydrive/core'
import { invalidPath, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { ExtraFound } from '../extras'
import { entryAt, type Run } from '../run'
import { numberedLines, type PlanFile } from './file'
import { problemError, targetHolds } from './preconditions'

const outside = (run: Run, path: DrivePath): DriveError =>
  locate({ vendor: run.to.drive.vendor, operation: 'batchRemove', path })(
    invalidPath({ reason: 'it is not below the target of the plan, and nothing else is removed' }),
  )

/** What the plan removes and is still extra; what no longer exists is omitted, and what has changed is reported. */
export async function* planExtras(run: Run, plan: PlanFile, target: DrivePath): AsyncGenerator<ExtraFound, void> {
  for await (const { line: read } of numberedLines(plan.file)) {
    // A line that cannot be read any more has ended the run before.
    if (E.isLeft(read)) return
    const line = read.right
    if (line.do !== 'remove') continue
    if (line.to === target || !isInside(target, line.to)) {
      yield { status: 'unknown', side: 'target', path: line.to, error: outside(run, line.to) }
      continue
    }
    const [a, b] = await Promise.all([entryAt(run, run.from.drive, line.from), entryAt(run, run.to.drive, line.to)])
    if (E.isLeft(a)) yield { status: 'unknown', side: 'source', path: line.from, error: a.left }
    else if (E.isLeft(b)) yield { status: 'unknown', side: 'target', path: line.to, error: b.left }
    else if (b.right !== undefined) {
      const { vendor } = run.to.drive
      const holds = targetHolds(line, b.right)
      const problem =
        a.right === undefined
          ? E.isLeft(holds)
            ? holds.left
            : b.right.kind === line.kind
              ? undefined
              : ({
                  _tag: 'TargetChanged',
                  path: line.to,
                  message: `/${line.to} became a ${b.right.kind} since the plan was made`,
                } as const)
          : ({
              _tag: 'SourceAppeared',
              path: line.from,
              message: `/${line.from} exists at the source since the plan was made; /${line.to} is not removed`,
            } as const)
      yield problem === undefined
        ? { status: 'extra', entry: b.right, source: line.from }
        : { status: 'unknown', side: 'target', path: line.to, error: problemError(vendor, problem) }
    }
  }
}
