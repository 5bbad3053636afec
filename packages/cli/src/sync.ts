// A sync, as the command runs it: a migration that compares, and removes at its end what only the target has.
import { isInside, type DrivePath } from '@anydrive/core'
import type { RemoveExtra } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { locateTree, type Answer, type Context } from './context'
import { locationText, type Location } from './location'
import { runMigration, type Options } from './migration'
import { usage, type Problem } from './problem'

export interface SyncOptions extends Omit<Options, 'conflict' | 'move' | 'removeRoot' | 'extra'> {
  readonly maxDelete?: number
  readonly backupDir?: string
  readonly trackRenames?: boolean
}

const overlap = (a: DrivePath, b: DrivePath): boolean => isInside(a, b) || isInside(b, a)

const backupPlace = (
  context: Context,
  text: string,
  { source, target }: { readonly source: Location; readonly target: Location },
): E.Either<Problem, DrivePath> => {
  const place = locateTree(context, text)
  if (E.isLeft(place)) return place
  const { drive, path } = place.right
  const shown = locationText(place.right, path)
  if (drive !== target.drive)
    return E.left(
      usage(`--backup-dir ${shown} is not on the drive of the target`, `Name a directory of ${target.name}:.`),
    )
  const other = [target, source].find((it) => it.drive === drive && overlap(it.path, path))
  return other === undefined
    ? E.right(path)
    : E.left(
        usage(
          `--backup-dir ${shown} overlaps ${locationText(other, other.path)}`,
          'Name a directory outside of both places.',
        ),
      )
}

const removal =
  (context: Context, { maxDelete, backupDir, trackRenames }: SyncOptions): NonNullable<Options['extra']> =>
  (places): E.Either<Problem, RemoveExtra> => {
    const backup = backupDir === undefined ? E.right(undefined) : backupPlace(context, backupDir, places)
    return E.map((path: DrivePath | undefined): RemoveExtra => ({ maxDelete, trackRenames, backupDir: path }))(backup)
  }

export const runSync = (context: Context, args: ReadonlyArray<string>, options: SyncOptions): Promise<Answer> => {
  if (options.trackRenames === true && options.apply !== undefined)
    return Promise.resolve(
      E.left(
        usage(
          '--track-renames cannot be combined with --apply: the plan says what is transferred and what is removed',
          'Leave one of the two out.',
        ),
      ),
    )
  return runMigration(context, args, { ...options, conflict: 'different', extra: removal(context, options) })
}
