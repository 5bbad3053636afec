// Batches: the items, and the outcome of each.
import type { ConflictStrategy } from './conflict'
import type { DriveError } from './errors'
import type { DrivePath } from './path'

/** The final path: the requested name, or a free one that the vendor chose. `replaced` is absent where the vendor does not say. */
export interface Placed {
  /** The path that it has now. */
  readonly path: DrivePath
  /** `renamed` where the name was taken and the vendor chose another. */
  readonly how: 'as-asked' | 'renamed'
  /** Whether something was replaced; absent where the vendor does not say. */
  readonly replaced?: boolean
}

/** To the trash where there is one, else permanently. */
export interface Removed {
  /** The path that it had. */
  readonly path: DrivePath
  /** `trashed`: it can be recovered from the trash; `erased`: it cannot. */
  readonly how: 'trashed' | 'erased'
  /** Of what was trashed: for `restore` and `purge`; absent where the service does not say. */
  readonly trashId?: string
}

/** Erased from the trash. */
export interface Purged {
  readonly how: 'erased'
}

export interface CopyItem {
  /** What is moved or copied. */
  readonly from: DrivePath
  /** The whole target path, name included. */
  readonly to: DrivePath
  /** For this item; the batch's unless given. */
  readonly conflict?: ConflictStrategy | undefined
  /** The vendor's id of another space of the same account, which `from` lies in. */
  readonly fromSpace?: string | undefined
}
export type MoveItem = CopyItem

export type RemoveItem = DrivePath | { readonly path: DrivePath; readonly ifVersion?: string | undefined }

/** An entry of the trash, or its id. */
export type TrashItem = string | { readonly trashId: string }

export interface Failed<I> {
  readonly status: 'failed'
  readonly item: I
  readonly error: DriveError
  /** False: nothing was sent for this item. */
  readonly attempted: boolean
}
export type Done<I, A> = { readonly status: 'done'; readonly item: I } & A
/** Carries its item, so that filtering the outcomes loses nothing. */
export type BatchOutcome<I, A> = Done<I, A> | Failed<I>

/** One outcome for each item, in the order of the request. */
export interface BatchSettled<I, A> {
  readonly outcomes: ReadonlyArray<BatchOutcome<I, A>>
}

export const partition = <I, A>(
  batch: BatchSettled<I, A>,
): { readonly done: ReadonlyArray<Done<I, A>>; readonly failed: ReadonlyArray<Failed<I>> } => ({
  done: batch.outcomes.filter((o): o is Done<I, A> => o.status === 'done'),
  failed: batch.outcomes.filter((o): o is Failed<I> => o.status === 'failed'),
})
