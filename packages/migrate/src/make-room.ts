// Of a sync: makes room for a file in the place of a directory, or the reverse.
import {
  has,
  move,
  nameOf,
  pages,
  parentOf,
  relativeTo,
  segments,
  under,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Placed,
  type Result,
} from '@anydrive/core'
import {
  isTemporary,
  locate,
  nameConflict,
  nameFault,
  preconditionFailed,
  temporaryName,
  temporaryStem,
} from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { once } from './directories'
import { encoder, type Names } from './names/names-for'
import type { MigrateOptions } from './options'
import type { OwnFiles } from './own-files'
import { withRetry, type Backup, type MakeRoom, type Run } from './run'

const otherKind = 'OtherKind'
/** Whether a sync did not replace a directory by a file, or the reverse; the message says why. */
export const isOtherKind = (error: DriveError): boolean => error._tag === 'NameConflict' && error.code === otherKind

const reasons = {
  content:
    'because it is the target itself, or is or holds something that is excluded, cannot be moved, or belongs to the migration',
  limit: 'because more entries would be removed than is allowed',
  name: 'because its name is too long to move it aside',
  moves: 'because the drive cannot move entries',
} as const
type Reason = keyof typeof reasons

export interface MakeRoomOptions {
  readonly run: Run
  /** Whether an entry of the target may be removed. */
  readonly isMovable: (entry: Entry) => boolean
  /** A right where this directory of the target is not the source. */
  readonly isOther: (dir: DrivePath) => Promise<E.Either<DriveError, void>>
  /** Where entries are moved; under a temporary name beside, without one. */
  readonly backup: Backup | undefined
  /** Whether everything that this sync would remove may be removed. */
  readonly isWithinLimit: () => Promise<boolean>
}

/** Where an entry is kept until it is removed. Undefined: no such name is possible there. */
export const asideOf = ({ to: { drive } }: Run, path: DrivePath): DrivePath | undefined => {
  const name = temporaryName(path, 'aside')
  const isWhole = temporaryStem(path) === nameOf(path)
  return isWhole && nameFault(drive.capabilities.naming, name) === undefined
    ? under(parentOf(path), name as DrivePath)
    : undefined
}

/** Whether an entry of the target may be removed, by itself: the filters, which speak of the source, permit it, and it is not of the migration. */
export const movableIn =
  ({
    source,
    target,
    drive,
    names,
    include,
    own,
  }: {
    readonly source: DrivePath
    readonly target: DrivePath
    readonly drive: DriveProvider
    readonly names: Names
    readonly include: NonNullable<MigrateOptions['include']>
    readonly own: OwnFiles
  }) =>
  (entry: Entry): boolean => {
    if (entry.path === target || entry.kind === 'other' || own(entry.path)) return false
    const decode = names === 'encode' ? encoder(drive.capabilities.naming).decode : (name: string) => name
    const relative = segments(relativeTo(target, entry.path)).map(decode)
    const path = under(source, relative.join('/') as DrivePath)
    return include({ ...entry, name: relative.at(-1) ?? entry.name, path }) !== false
  }

/** Whether all below a directory, or a file, may be removed. `check` is called with each directory; its left ends it. */
export const isWhollyMovable = async (
  drive: DriveProvider,
  top: Entry,
  isMovable: (entry: Entry) => boolean,
  {
    signal,
    check,
  }: {
    readonly signal?: AbortSignal | undefined
    readonly check?: MakeRoomOptions['isOther'] | undefined
  },
): Promise<E.Either<DriveError, boolean>> => {
  if (!isMovable(top)) return E.right(false)
  const open = top.kind === 'directory' ? [top.path] : []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const checked = await check?.(at)
    if (checked !== undefined && E.isLeft(checked)) return checked
    for await (const page of pages(drive, at, { signal, temporaries: 'show' })) {
      if (E.isLeft(page)) return page
      const { items, skipped = [] } = page.right
      // What a run that was killed left in it goes with it.
      const isLeftover = ({ kind, name }: Entry): boolean => kind !== 'other' && isTemporary(name)
      if (skipped.length > 0 || !items.every((it) => isLeftover(it) || isMovable(it))) return E.right(false)
      open.push(...items.filter(({ kind }) => kind === 'directory').map(({ path }) => path))
    }
  }
  return E.right(true)
}

export const createMakeRoom = ({ run, isMovable, isOther, backup, isWithinLimit }: MakeRoomOptions): MakeRoom => {
  const { drive } = run.to
  const { signal } = run
  const mayRemove = once(isWithinLimit)

  /** How it is moved; a left: why it cannot be. */
  const moveFor = (path: DrivePath): E.Either<Reason, Result<Placed>> => {
    if (!has(drive.capabilities, 'operations.batchMove')) return E.left('moves')
    if (backup !== undefined) return E.right(() => backup.moved(path))
    const aside = asideOf(run, path)
    return aside === undefined ? E.left('name') : E.right(move(drive, path, aside, { conflict: 'ask', signal }))
  }

  return async (source, existing) => {
    const { path, kind } = existing
    const where = { vendor: drive.vendor, operation: 'batchMove', path } as const
    const refused = (why: Reason): E.Either<DriveError, never> =>
      E.left({
        ...locate(where)(nameConflict({ existing, code: otherKind })),
        message: `/${path}: a ${kind} at the target, a ${source.kind} at the source; it is not replaced, ${reasons[why]}`,
      })
    const moving = moveFor(path)
    if (E.isLeft(moving)) return refused(moving.left)
    const now = await withRetry(run, drive.stat(path, { signal }))
    if (E.isLeft(now)) return now
    if (now.right.kind !== kind) return E.left(locate(where)(preconditionFailed()))
    const movable = await isWhollyMovable(drive, existing, isMovable, { signal, check: isOther })
    if (E.isLeft(movable)) return movable
    if (!movable.right) return refused('content')
    if (!(await mayRemove())) return refused('limit')
    return E.map(({ path: kept }: Placed) => async () => {
      // It stays where it is if its name has been taken meanwhile.
      await move(drive, kept, path, { conflict: 'ask', timeout: 10_000 })()
    })(await withRetry(run, moving.right))
  }
}
