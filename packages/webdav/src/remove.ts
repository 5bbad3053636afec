// batchRemove and abandonUpload.
import { isTemporary, nameOf, notFound, type Always, type Answered, type Optional, type Removed } from '@anydrive/core'
import type { DrivePath, ResolvedRemoval } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { eachItem, removeAt } from './changes'
import type { Dav } from './client'
import { whileAt } from './entries'

/** What `onCheckpoint` is given. */
export const UploadState = t.strict({ temporary: t.string }, 'UploadState')

const removeOne = (dav: Dav, { path, ifVersion }: ResolvedRemoval, signal: AbortSignal): Answered<Removed> => {
  const removed = removeAt(dav, path, { ifVersion, wasSeen: ifVersion !== undefined }, signal)
  return pipe(
    ifVersion === undefined ? removed : whileAt(dav, path, ifVersion, removed, signal),
    TE.map((): Removed => ({ path, how: 'erased' })),
  )
}

/** One DELETE an item, with everything below it. */
export const batchRemove =
  (dav: Dav): Optional['batchRemove'] =>
  (items, _, { signal }) =>
  () =>
    eachItem(items, signal, (item) => removeOne(dav, item, signal))

/** Nothing is kept of an upload that failed; this removes the temporary file of a process that was killed. */
export const abandonUpload =
  (dav: Dav): Always['abandonUpload'] =>
  (state, { signal }) => {
    const decoded = UploadState.decode(state)
    if (E.isLeft(decoded) || !isTemporary(nameOf(decoded.right.temporary as DrivePath)))
      return TE.left(notFound({ what: 'upload' }))
    return pipe(
      removeAt(dav, decoded.right.temporary as DrivePath, { wasSeen: true }, signal),
      TE.map(() => undefined),
      TE.orElse((fault): Answered<void> => (fault._tag === 'NotFound' ? TE.right(undefined) : TE.left(fault))),
    )
  }
