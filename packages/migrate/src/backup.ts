// Moves what a sync replaces or removes to another directory of the target's drive, under its relative path.
import { move, parentOf, relativeTo, under, nameOf, type DriveError, type DrivePath, type Placed } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { numbered } from './plan/free-name'
import { withRetry, type Backup, type Run } from './run'
import { checkUnchanged } from './source-state'

const mostNames = 1000

export interface BackupOptions {
  readonly run: Run
  readonly target: DrivePath
  /** Outside the target. */
  readonly dir: DrivePath
}

export const createBackup = ({ run, target, dir }: BackupOptions): Backup => {
  const { drive } = run.to
  const moved = async (path: DrivePath): Promise<E.Either<DriveError, Placed>> => {
    const wanted = under(dir, relativeTo(target, path))
    for (let n = 0; ; n++) {
      const name = n === 0 ? nameOf(wanted) : numbered(drive.capabilities.naming, nameOf(wanted), n)
      const to = under(parentOf(wanted), name as DrivePath)
      const done = await withRetry(run, move(drive, path, to, { conflict: 'ask', signal: run.signal }))
      if (E.isRight(done) || done.left._tag !== 'NameConflict' || n >= mostNames) return done
    }
  }
  return {
    moved,
    aside: async (file) => {
      const checked = await checkUnchanged(run, file, drive)
      return E.isLeft(checked) ? checked : moved(file.path)
    },
  }
}
