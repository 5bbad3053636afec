// What to do about a name that is taken.
import * as E from 'fp-ts/Either'
import type { ConflictStrategy, DriveError, DrivePath, Entry, FileEntry } from '@anydrive/core'
import { locate, nameConflict, unexpectedResponse } from '@anydrive/core/adapter'
import type { Clash, Decision, Incremental } from './conflict'
import { decideReplacement, type Replacement } from './incremental'
import type { KeptBecause } from './journal'
import { sameFile } from './proof'
import type { Run } from './run'

/** A left where the program's own function fails. */
export const decide = async (
  run: Pick<Run, 'policy' | 'emit'>,
  clash: Clash,
): Promise<E.Either<DriveError, Decision>> => {
  if (typeof run.policy === 'string') return E.right(run.policy)
  try {
    const decision = await run.policy(clash)
    run.emit('decided', { clash, decision })
    return E.right(decision)
  } catch (u) {
    return E.left(
      locate({ vendor: 'anydrive', operation: 'source', path: clash.source.path })(
        unexpectedResponse({
          effect: 'none',
          issues: [{ at: 'conflict', expected: 'a decision', got: 'exception' }],
          ...(u instanceof Error ? { said: u.message } : {}),
        }),
      ),
    )
  }
}

export type Course =
  | { readonly go: 'write'; readonly conflict: ConflictStrategy }
  | { readonly go: 'elsewhere'; readonly name: string }
  /** `same`: by what the two are known to be equal. */
  | { readonly go: 'skip'; readonly same: string | undefined; readonly why?: KeptBecause | undefined }
  | { readonly go: 'fail'; readonly error: DriveError }

const taken = (run: Pick<Run, 'to'>, to: DrivePath, existing: Entry): Course => ({
  go: 'fail',
  error: locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: to })(nameConflict({ existing })),
})

interface InPlace {
  readonly existing: Entry
  readonly to: DrivePath
  readonly name: string
}

/**
 * How a decision is carried out for a file. What is proven equal already is not sent again under `overwrite`; an entry whose name is spelled otherwise
 * (another case, another Unicode form) is never overwritten: it may be another file of the same source.
 */
const courseOf = (
  run: Pick<Run, 'to'>,
  source: FileEntry,
  { existing, to, name }: InPlace,
  decision: Exclude<Decision, Incremental>,
): Course => {
  const same = existing.kind === 'file' ? sameFile(source, existing) : undefined
  if (decision === 'skip') return { go: 'skip', same }
  if (decision === 'ask') return taken(run, to, existing)
  if (decision === 'rename') return { go: 'write', conflict: 'rename' }
  if (decision !== 'overwrite') return { go: 'elsewhere', name: decision.renameTo }
  if (existing.kind !== 'file' || existing.name !== name) return taken(run, to, existing)
  return same === undefined || same === 'size' ? { go: 'write', conflict: 'overwrite' } : { go: 'skip', same }
}

/** A left where a file that has to be read for a comparison cannot be. */
export const courseFor = async (
  run: Pick<Run, 'from' | 'to' | 'compare' | 'signal' | 'throttle'>,
  source: FileEntry,
  place: InPlace,
  decision: Decision,
): Promise<E.Either<DriveError, Course>> => {
  if (decision !== 'newer' && decision !== 'different') return E.right(courseOf(run, source, place, decision))
  const { existing, to, name } = place
  if (existing.kind !== 'file') return E.right(taken(run, to, existing))
  return E.map((verdict: Replacement): Course => {
    // An entry whose name is spelled otherwise may be kept, if it is more than of one size, but never replaced.
    if (existing.name !== name && (verdict.replace || verdict.same === undefined || verdict.same === 'size'))
      return taken(run, to, existing)
    return verdict.replace
      ? { go: 'write', conflict: 'overwrite' }
      : { go: 'skip', same: verdict.same, why: verdict.why }
  })(await decideReplacement(run, decision, source, existing))
}
