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
import type { CheckedPlan, PlanError, PlanFile } from './file'
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
interface Item {
  readonly line: PlanLine
  readonly work: () => Promise<unknown>
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

const counted = (claims: Claims, refused: Record<string, number>): Claims => ({
  work: async (line, effect) => {
    const outcome = await claims.work(line, effect)
    const problem = outcome?.status === 'failed' ? problemOf(outcome.error) : undefined
    if (problem !== undefined) refused[problem] = (refused[problem] ?? 0) + 1
    return outcome
  },
})

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

/** The lines as work, in their order; a directory is known to what is in it for as long as that lasts. */
async function* items(parts: ApplyParts, claims: Claims): AsyncGenerator<Item, void> {
  const { run, plan, removal } = parts
  const send = sender(parts)
  const open: Array<Dir> = []
  const carry = async (line: PlanLine, file: FileEntry, parent: Dir | undefined): Promise<void> => {
    const above = (await parent?.ready()) ?? 'there'
    if (above === 'ending') return
    const outcome = await claims.work(line, async (lease) => idle(line, above) ?? send(lease, line, file))
    if (outcome?.status === 'carried' && run.removeSource) await removal.add(file)
  }
  const make = (line: PlanLine, parent: Dir | undefined): Dir['ready'] =>
    once(async () => {
      const above = (await parent?.ready()) ?? 'there'
      if (above === 'ending') return above
      return readyOf(await claims.work(line, async (lease) => idle(line, above) ?? makeLine(run, lease, line)))
    })
  const leave = async (line: PlanLine): Promise<void> => {
    await claims.work(line, () => Promise.resolve(idle(line, 'there')))
  }
  for await (const read of plan.lines()) {
    if (run.ending()) return
    if (E.isLeft(read)) {
      unread(run, read.left)
      return
    }
    const line = read.right
    while (open.length > 0 && !isInside(open.at(-1)?.line.from ?? root, line.from)) open.pop()
    const parent = open.at(-1)
    const entry = entryOf(line)
    if (entry.kind === 'directory') {
      const ready = make(line, parent)
      open.push({ line, ready })
      yield { line, work: ready }
    } else if (entry.kind === 'file') {
      run.tally.find(entry)
      yield { line, work: () => carry(line, entry, parent) }
    } else yield { line, work: () => leave(line) }
  }
  run.tally.walked()
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
  await drain(
    items(parts, counted(createClaims(run), refused)),
    async ({ work }) => {
      await gate()
      if (run.ending()) return
      lines += 1
      await work()
    },
    { concurrency, ahead },
  )
  await removal.flush()
  return { lines, refused }
}
