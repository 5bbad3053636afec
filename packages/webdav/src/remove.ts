// Removing: batchRemove, abandonUpload, and temporary entries.
import { nameOf, type DrivePath, type Entry, type Removed } from '@anydrive/core'
import {
  isTemporary,
  notFound,
  type RequiredOperations,
  type RawResult,
  type OptionalOperations,
  type ResolvedRemoval,
} from '@anydrive/core/adapter'
import { withGracePeriod, type Finding } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { change, done, eachItem, noSource } from './changes'
import type { Dav } from './client'
import { find, whileAt } from './entries'

/** Removes with everything below. `wasSeen`: this call has seen the entry, so that if it is gone after an unknown outcome, it is removed. */
const removeAt = (
  dav: Dav,
  path: DrivePath,
  { ifVersion, wasSeen }: { readonly ifVersion?: string | undefined; readonly wasSeen: boolean },
  signal: AbortSignal,
): RawResult<unknown> =>
  change(
    dav,
    {
      request: (its) => dav.api.remove(path, ifVersion, its),
      reason: (fault, _, its) =>
        fault._tag === 'PreconditionFailed'
          ? TE.right(fault)
          : TE.map((found: Entry | undefined) => (found === undefined ? noSource : undefined))(find(dav, path, its)),
      lookup: (its) => find(dav, path, its),
      proof: (found): Finding<unknown> => {
        if (found !== undefined) return { is: 'not-done' }
        return wasSeen ? done : { is: 'unproven', likely: 'done' }
      },
      paths: [path],
      isShort: true,
    },
    signal,
  )

/** Removes a temporary entry, even after an abort. False where it may still exist. */
export const removeTemporary = async (dav: Dav, path: DrivePath, signal: AbortSignal): Promise<boolean> => {
  const removed = await withGracePeriod(signal, (later) =>
    change(
      dav,
      {
        request: (its) => dav.api.remove(path, undefined, its),
        reason: (fault) => TE.right(fault),
        repeat: 'always',
        paths: [path],
        isShort: true,
      },
      later,
    ),
  )()
  const isGone = E.isRight(removed) || removed.left._tag === 'NotFound'
  if (!isGone) dav.log({ name: 'temporary left', fault: removed.left._tag })
  return isGone
}

/** What `onCheckpoint` is given. */
const UploadState = t.strict({ temporary: t.string }, 'UploadState')

const removeOne = (dav: Dav, { path, ifVersion }: ResolvedRemoval, signal: AbortSignal): RawResult<Removed> => {
  const removed = removeAt(dav, path, { ifVersion, wasSeen: ifVersion !== undefined }, signal)
  return pipe(
    ifVersion === undefined ? removed : whileAt(dav, path, ifVersion, removed, signal),
    TE.map((): Removed => ({ path, how: 'erased' })),
  )
}

/** One DELETE an item, with everything below it. */
export const batchRemove =
  (dav: Dav): OptionalOperations['batchRemove'] =>
  (items, _, { signal }) =>
  () =>
    eachItem(items, signal, (item) => removeOne(dav, item, signal))

/** Nothing is kept of an upload that failed; this removes the temporary file of a process that was killed. */
export const abandonUpload =
  (dav: Dav): RequiredOperations['abandonUpload'] =>
  (state, { signal }) => {
    const decoded = UploadState.decode(state)
    if (E.isLeft(decoded) || !isTemporary(nameOf(decoded.right.temporary as DrivePath)))
      return TE.left(notFound({ what: 'upload' }))
    return pipe(
      removeAt(dav, decoded.right.temporary as DrivePath, { wasSeen: true }, signal),
      TE.map(() => undefined),
      TE.orElse((fault): RawResult<void> => (fault._tag === 'NotFound' ? TE.right(undefined) : TE.left(fault))),
    )
  }
