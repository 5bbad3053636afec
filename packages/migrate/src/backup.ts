// Moves what a sync replaces or removes to another directory of the target's drive, under its relative path.
import {
  move,
  pages,
  parentOf,
  relativeTo,
  under,
  nameOf,
  type DriveError,
  type DrivePath,
  type Entry,
  type Placed,
} from '@anydrive/core'
import { isTemporary, locate, nameConflict, preconditionFailed } from '@anydrive/core/adapter'
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
  /** A right where this directory of the target is not the source. */
  readonly isOther: (dir: DrivePath) => Promise<E.Either<DriveError, void>>
}

export const createBackup = ({ run, target, dir, isOther }: BackupOptions): Backup => {
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
  const isWhollyMovable = async (
    top: DrivePath,
    isMovable: (entry: Entry) => boolean,
  ): Promise<E.Either<DriveError, boolean>> => {
    const open = [top]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const other = await isOther(at)
      if (E.isLeft(other)) return other
      for await (const page of pages(drive, at, { signal: run.signal, temporaries: 'show' })) {
        if (E.isLeft(page)) return page
        const { items, skipped = [] } = page.right
        if (skipped.length > 0 || !items.every((it) => !isTemporary(it.name) && isMovable(it))) return E.right(false)
        open.push(...items.filter(({ kind }) => kind === 'directory').map(({ path }) => path))
      }
    }
    return E.right(true)
  }
  return {
    aside: async (file) => {
      const checked = await checkUnchanged(run, file, drive)
      return E.isLeft(checked) ? checked : moved(file.path)
    },
    asideOtherKind: async (existing, isMovable) => {
      const { path, kind } = existing
      const now = await withRetry(run, drive.stat(path, { signal: run.signal }))
      if (E.isLeft(now)) return now
      const where = { vendor: drive.vendor, operation: 'batchMove', path } as const
      if (now.right.kind !== kind) return E.left(locate(where)(preconditionFailed()))
      const movable = kind === 'directory' ? await isWhollyMovable(path, isMovable) : E.right(isMovable(existing))
      if (E.isLeft(movable)) return movable
      return movable.right ? moved(path) : E.left(locate(where)(nameConflict({ existing })))
    },
  }
}
