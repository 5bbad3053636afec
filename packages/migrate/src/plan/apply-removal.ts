// The removals of a plan, each checked once more at both ends.
import { isInside, parentOf, relativeTo, root, under, type DriveError, type DrivePath } from '@anydrive/core'
import { invalidPath, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { ExtraFound } from '../extras'
import { asideOf } from '../make-room'
import { entryAt, type Run } from '../run'
import { numberedLines, type PlanFile } from './file'
import type { PlanLine } from './line'
import { problemError, targetHolds } from './preconditions'

const outside = (run: Run, path: DrivePath): DriveError =>
  locate({ vendor: run.to.drive.vendor, operation: 'batchRemove', path })(
    invalidPath({ reason: 'it is not below the target of the plan, and nothing else is removed' }),
  )

/** The entry that was replaced, and that this one was or lay in. */
const topOf = (replaced: ReadonlySet<DrivePath>, path: DrivePath): DrivePath | undefined => {
  for (let at = path; at !== root; at = parentOf(at)) if (replaced.has(at)) return at
  return undefined
}

/** Some services count a move as a new version. */
const withoutVersion = (line: PlanLine): PlanLine => {
  if (line.existing === null) return line
  const { version: _, ...existing } = line.existing
  return { ...line, existing }
}

/** What the plan removes and is still extra; what no longer exists is omitted, and what has changed is reported. */
export async function* planExtras(run: Run, plan: PlanFile, target: DrivePath): AsyncGenerator<ExtraFound, void> {
  const replaced = new Set<DrivePath>()
  for await (const { line: read } of numberedLines(plan.file)) {
    // A line that cannot be read any more has ended the run before.
    if (E.isLeft(read)) return
    const line = read.right
    if (line.do === 'replace') replaced.add(line.to)
    if (line.do !== 'remove') continue
    if (line.to === target || !isInside(target, line.to)) {
      yield { status: 'unknown', side: 'target', path: line.to, error: outside(run, line.to) }
      continue
    }
    const top = topOf(replaced, line.to)
    const aside = top === undefined ? undefined : asideOf(run, top)
    const [a, b] = await Promise.all([
      line.to === top ? E.right(undefined) : entryAt(run, run.from.drive, line.from),
      entryAt(
        run,
        run.to.drive,
        top === undefined || aside === undefined ? line.to : under(aside, relativeTo(top, line.to)),
      ),
    ])
    if (E.isLeft(a)) yield { status: 'unknown', side: 'source', path: line.from, error: a.left }
    else if (E.isLeft(b)) yield { status: 'unknown', side: 'target', path: line.to, error: b.left }
    else if (b.right !== undefined) {
      const { vendor } = run.to.drive
      const holds = targetHolds(aside === undefined ? line : withoutVersion(line), b.right)
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
