// A plan as steps of the worker: exactly its lines, and none whose preconditions no longer hold.
import { isInside, root, type DirEntry, type Entry } from '@anydrive/core'
import { defined, locate, unexpectedResponse } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { once } from '../directories'
import type { Identity, KeptBecause, Outcome } from '../journal'
import type { Run } from '../run'
import type { Feed, Place, Step, Worker } from '../worker'
import { createPlanned, transferPlanned } from './apply-line'
import { numberedLines, type CheckedPlan, type PlanError, type PlanFile } from './file'
import type { PlanLine } from './line'

/** A journal is continued only with the very plan that it was started with. */
export const planIdentity = (identity: Identity, { digest }: CheckedPlan): Identity => ({
  ...identity,
  conflict: `plan ${digest.slice(0, 16)}`,
})

/** The entry as the plan knows it. */
const entryOf = ({ kind, from, size, checksums = {}, modifiedAt, version }: PlanLine): Entry => {
  const base = {
    path: from,
    name: from.slice(from.lastIndexOf('/') + 1),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }
  if (kind === 'directory') return { ...base, kind }
  return kind === 'file'
    ? { ...base, kind, checksums, ...defined({ size, version }) }
    : { ...base, kind, what: 'other' }
}

const identical = ({ why }: PlanLine): string | undefined =>
  why.map((it) => /^exists-(?:identical|equal): (.+)$/.exec(it)?.[1]).find((it) => it !== undefined)

const keptBecause = ({ why }: PlanLine): KeptBecause | undefined =>
  (['not-newer', 'no-time'] as const).find((it) => why.includes(`exists-kept: ${it}`))

/** The outcome of a line that has no effect. */
const decidedBy = (line: PlanLine): Outcome | undefined => {
  if (line.do === 'refuse') return { status: 'other', what: line.why[0] ?? 'refused by the plan' }
  if (line.do !== 'skip') return undefined
  const same = identical(line)
  const why = keptBecause(line)
  return { status: 'skipped', ...(same === undefined ? {} : { same }), ...(why === undefined ? {} : { why }) }
}

const unreadable = (run: Run, error: PlanError): void => {
  run.stop(
    locate({ vendor: 'anydrive', operation: 'source' })(
      unexpectedResponse({
        effect: 'none',
        issues: [{ at: 'plan', expected: 'the plan as it was checked', got: 'other' }],
        said: error.message,
      }),
    ),
  )
}

interface Dir {
  readonly line: PlanLine
  readonly place: Place
}

/** The lines in their order; a directory is known to the entries in it for as long as they follow it. */
async function* stepsFrom(
  run: Run,
  plan: PlanFile,
  worker: Worker,
  from: number,
  save: (line: number) => void,
): AsyncGenerator<Step, void> {
  const open: Array<Dir> = []
  const begun = (at: number, step: Step): Step => ({
    ...step,
    run: () => {
      save(at)
      return step.run()
    },
  })
  const directory = (line: PlanLine, entry: DirEntry, parent: Place | undefined): Place =>
    once(() =>
      worker.directory({
        entry,
        parent,
        decided: decidedBy(line),
        create: (lease) => createPlanned(run, lease, line),
      }),
    )
  for await (const { at, line: read } of numberedLines(plan.file, from)) {
    if (E.isLeft(read)) {
      unreadable(run, read.left)
      return
    }
    const line = read.right
    // Removed once everything has arrived.
    if (line.do === 'remove') continue
    while (open.length > 0 && !isInside(open.at(-1)?.line.from ?? root, line.from)) open.pop()
    const parent = open.at(-1)?.place
    const entry = entryOf(line)
    const decided = decidedBy(line)
    if (entry.kind === 'directory') {
      const place = directory(line, entry, parent)
      open.push({ line, place })
      if (at >= from) yield begun(at, { run: place })
    } else if (at >= from && entry.kind === 'file')
      yield begun(at, {
        file: entry,
        run: () =>
          worker.file({ file: entry, parent, decided, transfer: (lease) => transferPlanned(run, lease, line) }),
      })
    else if (at >= from) yield begun(at, { run: () => worker.settled(entry, decided ?? { status: 'skipped' }) })
  }
}

/**
 * Carries out each line whose preconditions hold; the others fail with what has changed, and the rest goes on. Entries in a directory that is skipped are skipped, those
 * in one that fails are blocked. Directories above an entry that are not in the plan are created. Memory does not grow with the plan. A run that resumes its journal
 * does nothing twice; without one, an entry that exists already is recognized by its checksum.
 */
export const planFeed = (run: Run, plan: PlanFile, worker: Worker): Feed => ({
  steps: (checkpoint, save) => {
    const [, at] = /^line (\d+)$/.exec(checkpoint?.[0]?.cursor ?? '') ?? []
    if (checkpoint !== undefined && at === undefined) return Promise.resolve(undefined)
    return Promise.resolve(
      stepsFrom(run, plan, worker, Number(at ?? 0), (line) => {
        save([{ path: root, cursor: `line ${line}` }])
      }),
    )
  },
})
