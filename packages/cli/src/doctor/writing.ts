// What changes in a scratch directory show of a drive; whoever calls removes the directory.
import {
  fromBytes,
  move,
  nameOf,
  readText,
  remove,
  requires,
  under,
  type CallOptions,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { checked, differs, failed, ok, type Check } from './check'

const text = 'written by anydrive doctor'
const modifiedAt = new Date('2001-02-03T04:05:06.000Z')

const textOf = async (
  drive: DriveProvider,
  path: DrivePath,
  options: CallOptions,
): Promise<E.Either<DriveError, string>> => {
  const content = await drive.readFile(path, options)()
  return E.isLeft(content) ? content : readText(content.right)()
}

const write = async (drive: DriveProvider, path: DrivePath, options: CallOptions): Promise<Check> => {
  const written = await drive.writeFile(path, fromBytes(text), { ...options, modifiedAt })()
  if (E.isLeft(written)) return failed('write', written.left)
  return checked('write', await textOf(drive, path, options), (found) =>
    found === text
      ? ok('write', `a file arrives; its evidence is ${written.right.evidence}`)
      : differs('write', 'a file comes back with other content'),
  )
}

const times = async (drive: DriveProvider, path: DrivePath, options: CallOptions): Promise<Check> => {
  const kept = drive.capabilities.times.file.modifiedAt
  return checked('times', await drive.stat(path, options)(), (entry) => {
    const off = entry.modifiedAt === undefined ? undefined : Math.abs(entry.modifiedAt.getTime() - modifiedAt.getTime())
    const isKept = off !== undefined && off < 1000
    if (isKept === (kept === 'kept'))
      return ok('times', `the time of a change is ${isKept ? 'kept' : 'the service’s own'}`)
    return differs('times', `the time of a change is ${isKept ? 'kept' : 'not kept'}; ${kept} was expected`)
  })
}

const conflicts = async (
  drive: DriveProvider,
  path: DrivePath,
  options: CallOptions,
): Promise<ReadonlyArray<Check>> => {
  const asked = await drive.writeFile(path, fromBytes('another'), { ...options, conflict: 'ask' })()
  const refused =
    E.isLeft(asked) && asked.left._tag === 'NameConflict'
      ? ok('ask', 'a taken name is refused')
      : E.isLeft(asked)
        ? failed('ask', asked.left)
        : differs('ask', 'a taken name was not refused')
  const renamed = checked(
    'rename',
    await drive.writeFile(path, fromBytes('another'), { ...options, conflict: 'rename' })(),
    ({ path: final, how }) =>
      final !== path && how === 'renamed'
        ? ok('rename', `beside a taken ${nameOf(path)} the service chose ${nameOf(final)}`)
        : differs('rename', 'a taken name was used again'),
  )
  const replaced = await drive.writeFile(path, fromBytes('replaced'), { ...options, conflict: 'overwrite' })()
  const overwritten = E.isLeft(replaced)
    ? failed('overwrite', replaced.left)
    : checked('overwrite', await textOf(drive, path, options), (found) =>
        found === 'replaced'
          ? ok('overwrite', 'a file is replaced')
          : differs('overwrite', 'the old content is still there'),
      )
  return [refused, renamed, overwritten]
}

/** Whether two names that differ in case are two entries. */
const letterCase = async (drive: DriveProvider, dir: DrivePath, options: CallOptions): Promise<Check> => {
  const expected = drive.capabilities.naming.case
  const upper = await drive.writeFile(under(dir, 'CASE' as DrivePath), fromBytes('upper'), options)()
  if (E.isLeft(upper)) return failed('case', upper.left)
  const lower = await drive.writeFile(under(dir, 'case' as DrivePath), fromBytes('lower'), options)()
  if (E.isLeft(lower) && lower.left._tag !== 'NameConflict') return failed('case', lower.left)
  const found = E.isRight(lower) ? 'sensitive' : 'insensitive'
  return found === expected || expected === 'unknown'
    ? ok('case', `names are case-${found}`)
    : differs('case', `names are case-${found}; case-${expected} was expected`)
}

/** Moves a file, removes it, and puts it back where the drive has a trash that can be listed. */
const moveAndRemove = async (
  drive: DriveProvider,
  path: DrivePath,
  options: CallOptions,
): Promise<ReadonlyArray<Check>> => {
  const to = under(path.slice(0, path.lastIndexOf('/')) as DrivePath, 'moved/file.txt' as DrivePath)
  const moved = checked('move', await move(drive, path, to, options)(), () =>
    ok('move', 'a file is moved into a new directory'),
  )
  if (moved.result === 'failed') return [moved]
  const removed = await remove(drive, to, options)()
  if (E.isLeft(removed)) return [moved, failed('remove', removed.left)]
  const { how, trashId } = removed.right
  const expected = drive.capabilities.features.trash ? 'trashed' : 'erased'
  const removal =
    how === expected
      ? ok('remove', `a file is ${how}`)
      : differs('remove', `a file is ${how}; ${expected} was expected`)
  const able = requires('operations.restore')(drive)
  if (E.isLeft(able) || how === 'erased') return [moved, removal]
  if (trashId === undefined) return [moved, removal]
  const restored = await able.right.restore([trashId], options)()
  if (E.isLeft(restored)) return [moved, removal, failed('restore', restored.left)]
  const [outcome] = restored.right.outcomes
  if (outcome?.status !== 'done')
    return [moved, removal, outcome === undefined ? differs('restore', 'no outcome') : failed('restore', outcome.error)]
  return [
    moved,
    removal,
    outcome.path === to
      ? ok('restore', 'a trashed file is back in its place')
      : differs('restore', 'it came back elsewhere'),
  ]
}

const checksums = async (drive: DriveProvider, path: DrivePath, options: CallOptions): Promise<Check> => {
  const { given } = drive.capabilities.checksums
  return checked('checksums', await drive.stat(path, options)(), (entry: Entry) => {
    const missing = entry.kind === 'file' ? given.filter((it) => entry.checksums[it] === undefined) : given
    return missing.length === 0
      ? ok('checksums', given.length === 0 ? 'none are reported, as expected' : `${given.join(', ')} reported`)
      : differs('checksums', `${missing.join(', ')} not reported`)
  })
}

/** All checks that change something, below `dir`, one after another. */
export const checkWriting = async (
  drive: DriveProvider,
  dir: DrivePath,
  options: CallOptions,
): Promise<ReadonlyArray<Check>> => {
  const file = under(dir, 'file.txt' as DrivePath)
  const first = await write(drive, file, options)
  if (first.result !== 'ok') return [first]
  return [
    first,
    await times(drive, file, options),
    await checksums(drive, file, options),
    ...(await conflicts(drive, file, options)),
    await letterCase(drive, dir, options),
    ...(await moveAndRemove(drive, file, options)),
  ]
}
