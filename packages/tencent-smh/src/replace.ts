// Overwriting where history forbids it, composed of renames: the old file aside, the new one in, the old one to the bin.
import {
  nameConflict,
  parentOf,
  temporaryName,
  under,
  type DrivePath,
  type Fault,
  type Placed,
  type RawOutcome,
  type ResolvedItem,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { once, type Seen } from './once'
import { moveVerdict } from './verdicts'

const rollbackMs = 10_000

/** A rename onto a free name, once. */
const rename = (smh: Smh, from: DrivePath, to: DrivePath, signal: AbortSignal): Asked<void> =>
  once(smh, {
    call: () =>
      pipe(
        smh.api.moveFile(from, to, signal),
        TE.map(() => undefined),
      ),
    look: pipe(
      moveVerdict(smh, { from, to, conflict: 'ask' }, signal),
      TE.map((verdict): Seen<void> => {
        if (typeof verdict === 'string') return verdict
        return verdict.status === 'done' ? E.right(undefined) : E.left(verdict.fault)
      }),
    ),
    check: `/${from} and /${to}`,
    signal,
  })

const discard = (smh: Smh, path: DrivePath, signal: AbortSignal): Asked<unknown> =>
  smh.api.batchDelete([{ path, permanent: false }], signal)

const beside = (target: DrivePath, use: 'new' | 'old'): DrivePath =>
  under(parentOf(target), temporaryName(target, use) as DrivePath)
export const incomingName = (target: DrivePath): DrivePath => beside(target, 'new')

/** A stale temporary of this very target is in the way: it was left by an attempt that ended before its last step. */
const clearedFor = (smh: Smh, aside: DrivePath, again: Asked<void>, signal: AbortSignal): Asked<void> =>
  pipe(
    again,
    TE.orElse((fault) =>
      fault._tag === 'NameConflict'
        ? pipe(
            discard(smh, aside, signal),
            TE.flatMap(() => again),
          )
        : TE.left(fault),
    ),
  )

/** Its own signal: the caller's may be what ended the operation. */
const rollback = (smh: Smh, aside: DrivePath, target: DrivePath): Promise<unknown> =>
  rename(smh, aside, target, AbortSignal.timeout(rollbackMs))()

/** For the length of one request the name is free; a failure before the last step is rolled back. */
export const replaceWith =
  (smh: Smh, from: DrivePath, target: DrivePath, signal: AbortSignal): Asked<Placed> =>
  async () => {
    const aside = beside(target, 'old')
    const cleared = await clearedFor(smh, aside, rename(smh, target, aside, signal), signal)()
    if (E.isLeft(cleared)) return cleared
    const placed = await rename(smh, from, target, signal)()
    if (E.isLeft(placed)) {
      await rollback(smh, aside, target)
      return placed
    }
    const discarded = await discard(smh, aside, AbortSignal.timeout(rollbackMs))()
    if (E.isLeft(discarded)) smh.log({ name: 'leftover', path: aside, fault: discarded.left._tag })
    return E.right({ path: target, how: 'as-asked', replaced: true })
  }

export const replaceByMove = (smh: Smh, { from, to }: ResolvedItem, signal: AbortSignal): Asked<RawOutcome<Placed>> =>
  pipe(
    smh.looks.find(to, signal),
    TE.flatMap((existing) =>
      existing?.kind === 'directory'
        ? TE.left<Fault, Placed>(nameConflict({ existing }))
        : replaceWith(smh, from, to, signal),
    ),
    TE.match(
      (fault): RawOutcome<Placed> => ({ status: 'failed', attempted: true, fault }),
      (placed): RawOutcome<Placed> => ({ status: 'done', ...placed }),
    ),
    TE.fromTask,
  )
