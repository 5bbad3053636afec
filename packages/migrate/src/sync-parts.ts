// What a migration needs beside its transfers to be a sync: its checks, its backup directory, and what it does before and after.
import { has, isInside, root, type DriveError, type DrivePath } from '@anydrive/core'
import { invalidArgument, locate, nestedTarget, unsupported } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createBackup } from './backup'
import { extras, type ExtraFound, type ExtrasOptions } from './extras'
import type { MigrateOptions } from './options'
import { createOverlap, type Overlap } from './overlap'
import { planExtras } from './plan/apply-removal'
import { createMakeRoom, movableIn } from './make-room'
import { countExtras, createExtraRemoval } from './remove-extra'
import type { Run } from './run'
import { trackRenames } from './track-renames'

export interface Sync {
  /** Its drive of the target refuses changes of the source. */
  readonly run: Run
  readonly overlap: Overlap
  /** Before the first transfer of a tree. */
  readonly begin: () => Promise<E.Either<DriveError, void>>
  /** After the last. */
  readonly finish: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Why a sync cannot begin with these options; nothing was sent. */
export const syncProblem = ({ from, to, removeExtra, removeSource, plan }: MigrateOptions): DriveError | undefined => {
  const where = { vendor: 'anydrive', operation: 'batchRemove' } as const
  if (removeExtra === undefined)
    return plan === undefined || plan.removals === 0
      ? undefined
      : locate(where)(
          invalidArgument({ argument: 'removeExtra', expected: 'to be given with a plan that removes entries' }),
        )
  if (removeSource === true)
    return locate(where)(invalidArgument({ argument: 'removeSource', expected: 'false together with removeExtra' }))
  const { backupDir, maxDelete = 0 } = removeExtra
  if (!(maxDelete >= 0))
    return locate(where)(invalidArgument({ argument: 'removeExtra.maxDelete', expected: '0 or more' }))
  if (backupDir === undefined) return undefined
  const place = { vendor: to.drive.vendor, operation: 'batchMove', path: backupDir } as const
  const overlaps = (dir: DrivePath = root): boolean => isInside(dir, backupDir) || isInside(backupDir, dir)
  const [isInTarget, isInSource] = [overlaps(to.path), from.drive === to.drive && overlaps(from.path)]
  if (isInTarget || isInSource)
    return {
      ...locate(place)(nestedTarget({ code: 'BackupOverlaps' })),
      message: `/${backupDir}: the backup directory and the ${isInTarget ? 'target' : 'source'} overlap. Choose a directory outside`,
    }
  return has(to.drive.capabilities, 'operations.batchMove')
    ? undefined
    : locate(place)(unsupported({ feature: 'operations.batchMove' }))
}

/** Undefined: it is no sync. */
export const createSync = (options: MigrateOptions, base: Run): Sync | undefined => {
  const { removeExtra, plan } = options
  if (removeExtra === undefined) return undefined
  const source = base.top
  const target = options.to.path ?? root
  const { include = () => true } = options
  const overlap = createOverlap({ run: base, source, target, include, isWalked: plan === undefined })
  const guarded: Run = { ...base, to: { drive: overlap.drive } }
  const { backupDir } = removeExtra
  // Of one drive the paths have been compared.
  const isOneDrive = options.from.drive === options.to.drive
  const isOther = isOneDrive ? () => Promise.resolve(E.right(undefined)) : overlap.isOther
  const backup = backupDir === undefined ? undefined : createBackup({ run: guarded, target, dir: backupDir })
  const isMovable = movableIn({
    source,
    target,
    drive: base.to.drive,
    names: base.names,
    include,
    own: base.own.target,
  })
  const compared = (which: Pick<ExtrasOptions, 'allMissing' | 'otherKinds'> = {}): AsyncIterable<ExtraFound> =>
    extras({
      from: { drive: base.from.drive, dir: source },
      to: { drive: overlap.drive, dir: target },
      names: base.names,
      include,
      own: base.own,
      ...which,
      hadEntries: () => plan === undefined && !overlap.isSourceEmpty(),
      signal: base.signal,
    })
  const { maxDelete } = removeExtra
  const makeRoom = createMakeRoom({
    ...{ run: guarded, isMovable, isOther, backup },
    isWithinLimit: async () =>
      maxDelete === undefined ||
      (plan === undefined ? await countExtras(compared({ otherKinds: true })) : plan.removals) <= maxDelete,
  })
  const run: Run = { ...guarded, backup, makeRoom }
  const removal = createExtraRemoval(run, removeExtra, { overlap, target })
  return {
    run,
    overlap,
    begin: async () => {
      const started = isOneDrive ? E.right(undefined) : await overlap.start()
      if (E.isLeft(started)) run.stop(started.left)
      else if (removeExtra.trackRenames === true) await trackRenames(run, compared({ allMissing: true }))
      return started
    },
    finish: () => removal.finish(plan === undefined ? compared() : planExtras(run, plan, target)),
    close: async () => {
      await removal.close()
      await overlap.close()
    },
  }
}
