// A plan carried out: exactly what it says, and nothing of it whose reasons no longer hold.
import { isInside, locate, root, unexpectedResponse, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { needs, type Budget } from '../budget'
import type { Identity, Lease, Outcome } from '../journal'
import { once } from '../place'
import { drain } from '../queue'
import type { Removal } from '../removal'
import type { Run } from '../run'
import { carryLine, makeLine } from './apply-line'
import { createClaims, entryOf, type Claims } from './claims'
import { numberedLines, type CheckedPlan, type PlanError, type PlanFile } from './file'
import { problemOf, type PlanProblem } from './holds'
import type { PlanLine } from './line'

export interface ApplyParts {
  readonly run: Run
  readonly plan: PlanFile
  /** Files under way at once. */
  readonly concurrency: number
  readonly removal: Removal
  readonly budget: Budget
  /** Resolves at once unless the migration is paused. */
  readonly gate: () => Promise<void>
}
/** Lines by what became of them; the summary of the run tells the rest. */
export interface Applied {
  readonly lines: number
  /** Not carried out, because what the plan was made of has changed. */
  readonly refused: { readonly [P in PlanProblem['_tag']]?: number }
}

/** A journal is continued only with the very plan that it began with. */
export const planIdentity = (identity: Identity, { digest }: CheckedPlan): Identity => ({
  ...identity,
  conflict: `plan ${digest.slice(0, 16)}`,
})

const ahead = 1000

type Ready = 'there' | 'left-out' | 'failed' | 'ending'
interface Dir {
  readonly line: PlanLine
  /** Runs once: after the directory above it, and before what is in it. */
  readonly ready: () => Promise<Ready>
}

const readyOf = (outcome: Outcome | undefined): Ready => {
  if (outcome === undefined) return 'ending'
  if (outcome.status === 'made' || outcome.status === 'merged') return 'there'
  return outcome.status === 'skipped' ? 'left-out' : 'failed'
}

const identical = ({ why }: PlanLine): string | undefined =>
  why.map((it) => /^exists-identical: (.+)$/.exec(it)?.[1]).find((it) => it !== undefined)

/** Without any effect; undefined where there must be one. */
const idle = (line: PlanLine, above: Ready): Outcome | undefined => {
  if (above === 'left-out') return { status: 'skipped' }
  if (line.do === 'refuse') return { status: 'other', what: line.why[0] ?? 'refused by the plan' }
  if (above === 'failed') return { status: 'blocked' }
  if (line.do !== 'skip') return undefined
  const same = identical(line)
  return { status: 'skipped', ...(same === undefined ? {} : { same }) }
}

/** Each file within the limits, and with its share of the memory. */
const sender = ({ run, budget }: ApplyParts) => {
  let begun = 0
  return async (lease: Lease, line: PlanLine, file: FileEntry): Promise<Outcome | undefined> => {
    const giveBack = await budget.take(needs(file, run.to.drive.capabilities))
    try {
      if (begun + file.size > (run.limits.maxBytes ?? Infinity)) run.drain('max-bytes')
      if (run.ending()) return undefined
      begun += file.size
      run.tally.begin(file)
      const outcome = await carryLine(run, lease, line)
      if (outcome?.status !== 'carried') begun -= file.size
      return outcome
    } finally {
      giveBack()
    }
  }
}

const unread = (run: Run, error: PlanError): void => {
  run.stop(
    locate({ vendor: 'anydrive', operation: 'source' })(
      unexpectedResponse({
        issues: [{ at: 'plan', expected: 'the plan as it was checked', got: 'other' }],
        said: error.message,
      }),
    ),
  )
}

/** What is done for a line, whenever its turn comes. */
const worker = (parts: ApplyParts, claims: Claims) => {
  const { run, removal } = parts
  const send = sender(parts)
  const above = async (parent: Dir | undefined): Promise<Ready> => (await parent?.ready()) ?? 'there'
  return {
    directory: (line: PlanLine, parent: Dir | undefined): Dir['ready'] =>
      once(async () => {
        const ready = await above(parent)
        if (ready === 'ending') return ready
        return readyOf(await claims.work(line, async (lease) => idle(line, ready) ?? makeLine(run, lease, line)))
      }),
    file: async (line: PlanLine, file: FileEntry, parent: Dir | undefined): Promise<void> => {
      const ready = await above(parent)
      if (ready === 'ending') return
      const outcome = await claims.work(line, async (lease) => idle(line, ready) ?? send(lease, line, file))
      if (outcome?.status === 'carried' && run.removeSource) await removal.add(file)
    },
    other: async (line: PlanLine): Promise<void> => {
      await claims.work(line, () => Promise.resolve(idle(line, 'there')))
    },
  }
}

interface Work {
  readonly at: number
  readonly run: () => Promise<unknown>
}

/** The lines as work, in their order; a directory is known to what is in it for as long as that lasts. */
async function* items(
  { run, plan }: ApplyParts,
  works: ReturnType<typeof worker>,
  from: number,
): AsyncGenerator<Work, void> {
  const open: Array<Dir> = []
  for await (const { at, line: read } of numberedLines(plan.file, from)) {
    if (run.ending()) return
    if (E.isLeft(read)) {
      unread(run, read.left)
      return
    }
    const line = read.right
    while (open.length > 0 && !isInside(open.at(-1)?.line.from ?? root, line.from)) open.pop()
    const parent = open.at(-1)
    const entry = entryOf(line)
    const ready = entry.kind === 'directory' ? works.directory(line, parent) : undefined
    if (ready !== undefined) open.push({ line, ready })
    if (at < from) continue
    if (entry.kind === 'file') run.tally.find(entry)
    const other = () => (entry.kind === 'file' ? works.file(line, entry, parent) : works.other(line))
    yield { at, run: ready ?? other }
  }
}

const noteEvery = 1000
/** Where an earlier run stood; a hint, which costs nothing but time if it is lost. */
const bookmark = (run: Run) => {
  let noted = -Infinity
  return {
    put: (at: number): void => {
      if (run.now() - noted < noteEvery) return
      noted = run.now()
      void run.journal.walkedTo([{ path: root, cursor: `line ${at}` }])()
    },
    found: async (): Promise<number | undefined> => {
      const kept = await run.journal.frontier()()
      if (E.isLeft(kept)) run.stop(kept.left)
      const [, at] = /^line (\d+)$/.exec(E.isRight(kept) ? (kept.right?.[0]?.cursor ?? '') : '') ?? []
      return at === undefined ? undefined : Number(at)
    },
  }
}

/**
 * Carries out each line whose preconditions hold; the others fail with what has changed, and the rest goes on. What lies in a directory that is skipped is skipped, in
 * one that fails blocked. Directories above an entry that are not in the plan are made. Memory does not grow with the plan. A run that goes on with its journal does nothing twice;
 * without one, what stands already is recognized by its checksum.
 */
export const applyPlan = async (parts: ApplyParts): Promise<Applied> => {
  const { run, concurrency, gate, removal } = parts
  const refused: Record<string, number> = {}
  let lines = 0
  let isAhead = false
  const claims = createClaims(run, {
    ahead: () => isAhead,
    booked: (outcome) => {
      const problem = outcome.status === 'failed' ? problemOf(outcome.error) : undefined
      if (problem !== undefined) refused[problem] = (refused[problem] ?? 0) + 1
    },
  })
  const works = worker(parts, claims)
  const marked = bookmark(run)
  const pass = async (first: number, begin: (at: number) => void): Promise<void> => {
    const work = async (one: Work): Promise<void> => {
      await gate()
      if (run.ending()) return
      begin(one.at)
      await one.run()
    }
    await drain(items(parts, works, first), work, { concurrency, ahead })
  }
  const first = await marked.found()
  if (first !== undefined && !run.ending()) {
    isAhead = true
    await pass(first, marked.put)
    isAhead = false
  }
  if (!run.ending()) {
    await pass(0, (at) => {
      lines += 1
      if (first === undefined) marked.put(at)
    })
    if (!run.ending()) run.tally.walked()
  }
  await removal.flush()
  return { lines, refused }
}
