// Entries of a plan claimed in the journal, and settled with exactly one outcome each.
import { type DriveError, type DrivePath, type Entry, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Lease, Outcome } from '../journal'
import type { Run } from '../run'
import { watchFor } from '../systemic'
import type { PlanLine } from './line'

/** The entry as the plan knows it, for what is counted of it. */
export const entryOf = ({ kind, from, size = 0, checksums = {}, modifiedAt, version }: PlanLine): Entry => {
  const base = {
    path: from,
    name: from.slice(from.lastIndexOf('/') + 1),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }
  if (kind === 'directory') return { ...base, kind }
  return kind === 'file'
    ? { ...base, kind, size, checksums, ...(version === undefined ? {} : { version }) }
    : { ...base, kind, what: 'other' }
}

const versionOf = ({ kind, version, size, modifiedAt }: PlanLine): string | undefined =>
  kind === 'file' ? (version ?? `${size ?? ''}@${modifiedAt?.toISOString() ?? ''}`) : undefined

export interface Claims {
  /** Works on the line unless an earlier run settled it. Undefined: not settled, the run is ending. */
  readonly work: (
    line: PlanLine,
    effect: (lease: Lease) => Promise<Outcome | undefined>,
  ) => Promise<Outcome | undefined>
}

export interface Booking {
  /** What an earlier run settled is met again, and booked then. */
  readonly ahead: () => boolean
  readonly booked: (outcome: Outcome) => void
}

export const createClaims = (run: Run, { ahead, booked }: Booking): Claims => {
  const watch = watchFor(run.stop)
  const failed = (path: DrivePath, error: DriveError): void => {
    run.emit('failed', { path, error })
    watch({ status: 'failed', error })
    if (run.tally.failures() >= (run.limits.maxErrors ?? Infinity)) run.drain('max-errors')
  }
  const book = (source: Entry, outcome: Outcome, earlier: boolean): void => {
    run.tally.settle(source, outcome, earlier)
    booked(outcome)
    run.emit('settled', { source, outcome })
    run.emit('progress', run.tally.progress())
    if (outcome.status === 'failed' && !earlier) failed(source.path, outcome.error)
    else if (outcome.status === 'failed') run.emit('failed', { path: source.path, error: outcome.error })
    else watch(outcome)
  }
  const settle = async (source: Entry, lease: Lease, outcome: Outcome | undefined): Promise<void> => {
    const kept = await (outcome === undefined ? run.journal.release(lease) : run.journal.settle(lease, outcome))()
    if (E.isLeft(kept)) run.stop(kept.left)
    else if (outcome !== undefined) book(source, outcome, false)
    else run.tally.letGo(source.path)
  }
  return {
    work: async (line, effect) => {
      const source = entryOf(line)
      const kind: EntryKind = line.kind
      const claim = await run.journal.claim({ path: line.from, kind, version: versionOf(line) })()
      if (E.isLeft(claim)) {
        run.stop(claim.left)
        return undefined
      }
      if (claim.right.status === 'held') return undefined
      if (claim.right.status === 'settled') {
        if (ahead() || claim.right.own === true) run.tally.unfind(source)
        else book(source, claim.right.outcome, true)
        return claim.right.outcome
      }
      const outcome = run.ending() ? undefined : await effect(claim.right.lease)
      await settle(source, claim.right.lease, outcome)
      return outcome
    },
  }
}
