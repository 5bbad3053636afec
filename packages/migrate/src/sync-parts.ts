// What a migration needs beside its transfers to be a sync: its checks, its backup directory, and what it does before and after.
import {
  has,
  isInside,
  relativeTo,
  root,
  segments,
  under,
  type DriveError,
  type DrivePath,
  type Entry,
} from '@anydrive/core'
import { invalidArgument, locate, nestedTarget, unsupported } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createBackup } from './backup'
import { extras, type ExtraFound } from './extras'
import { encoder } from './names/names-for'
import type { MigrateOptions } from './options'
import { createOverlap, type Overlap } from './overlap'
import { planExtras } from './plan/apply-removal'
import { createExtraRemoval } from './remove-extra'
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
  const backup = backupDir === undefined ? undefined : createBackup({ run: guarded, target, dir: backupDir, isOther })
  const decode = base.names === 'encode' ? encoder(base.to.drive.capabilities.naming).decode : (name: string) => name
  const isMovable = (entry: Entry): boolean => {
    if (entry.kind === 'other' || base.own.target(entry.path)) return false
    const relative = segments(relativeTo(target, entry.path)).map(decode)
    const path = under(source, relative.join('/') as DrivePath)
    return include({ ...entry, name: relative.at(-1) ?? entry.name, path }) !== false
  }
  const run: Run = { ...guarded, backup, isMovable }
  const removal = createExtraRemoval(run, removeExtra, { overlap, target })
  const compared = (allMissing: boolean): AsyncIterable<ExtraFound> =>
    extras({
      from: { drive: run.from.drive, dir: source },
      to: { drive: run.to.drive, dir: target },
      names: run.names,
      include,
      own: run.own,
      allMissing,
      hadEntries: () => plan === undefined && !overlap.isSourceEmpty(),
      signal: run.signal,
    })
  return {
    run,
    overlap,
    begin: async () => {
      const started = isOneDrive ? E.right(undefined) : await overlap.start()
      if (E.isLeft(started)) run.stop(started.left)
      else if (removeExtra.trackRenames === true) await trackRenames(run, compared(true))
      return started
    },
    finish: () => removal.finish(plan === undefined ? compared(false) : planExtras(run, plan, target)),
    close: async () => {
      await removal.close()
      await overlap.close()
    },
  }
}
