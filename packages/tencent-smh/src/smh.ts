// What only SMH has: moving with the folders' permissions, and renewing the token.
import {
  locate,
  type Accepted,
  type BatchOutcome,
  type CallOptions,
  type ConflictOptions,
  type DriveProvider,
  type MoveItem,
  type Optional,
  type Placed,
  type ResolvedItem,
  type Result,
  type WaitOptions,
} from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { batchMoveWith } from './batches'
import type { Smh } from './context'

export interface SmhMoveItem extends MoveItem {
  /** Whether the permissions (ACLs) set on a folder move along; SMH leaves them behind unless told. */
  readonly moveAuthority?: boolean | undefined
}
/** `moveAuthority` as SMH echoes it. */
export type SmhPlaced = Placed & { readonly moveAuthority?: boolean }
export interface SmhMoved {
  readonly outcomes: ReadonlyArray<BatchOutcome<SmhMoveItem, SmhPlaced>>
}

export interface SmhMembers {
  /** As `batchMove`, with `moveAuthority` for each item, and its echo in the outcomes. */
  readonly batchMove: <W extends boolean = true>(
    items: ReadonlyArray<SmhMoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<W extends true ? SmhMoved : SmhMoved | Accepted<'batchMove'>>
  /** Extends the token in use to its full period; `expiresIn` in seconds. */
  readonly renewToken: (options?: Pick<CallOptions, 'signal'>) => Result<{ readonly expiresIn: number }>
}

const keyOf = ({ from, to, fromSpace }: MoveItem | ResolvedItem): string => JSON.stringify([from, to, fromSpace])
const never = new AbortController().signal

export const smhMembers = (
  smh: Smh,
  driveWith: (batchMove: Optional['batchMove']) => Pick<DriveProvider, 'batchMove'>,
): SmhMembers => ({
  batchMove: ((items: ReadonlyArray<SmhMoveItem>, options?: ConflictOptions & WaitOptions<boolean>) => {
    const authorities = new Map(items.map((item) => [keyOf(item), item.moveAuthority]))
    return driveWith(batchMoveWith(smh, (item) => authorities.get(keyOf(item)), true)).batchMove(items, options)
  }) as SmhMembers['batchMove'],
  renewToken: (options = {}) =>
    pipe(
      smh.transport.renewToken(options.signal ?? never),
      TE.mapLeft(locate({ vendor: 'tencent-smh', operation: 'token' })),
    ),
})
