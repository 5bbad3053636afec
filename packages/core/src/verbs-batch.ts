// batchMove, batchCopy and batchRemove, as every drive does them.
import * as E from 'fp-ts/Either'
import type { CopyItem, Placed, RemoveItem, Removed } from './batch'
import { runBatch, type BatchJob, type Planned } from './batches'
import { has } from './capabilities'
import type { Defined } from './define'
import { nameConflict, preconditionFailed, unsupported, type DriveError, type Fault } from './errors'
import type { Answered, Call, RawOutcome, ResolvedItem, ResolvedRemoval, Started } from './operations'
import { parentOf, root } from './path'
import { poll } from './poll'
import type { ConflictOptions, DriveProvider, RemoveOptions, WaitOptions } from './provider'
import { batchRef } from './refs'
import { placeOf, placingFault } from './rules'
import { settle, within, type Scope } from './scope'
import type { Json, TaskRef } from './task'
import { familyTouch, type Touch } from './waves'

type Bad = Fault | DriveError
type PlacingVerb = 'batchMove' | 'batchCopy'
type Send<R, A> = (items: ReadonlyArray<R>, call: Call) => Answered<ReadonlyArray<RawOutcome<A>> | Started>

const touchesOf = (operation: PlacingVerb, item: ResolvedItem): ReadonlyArray<Touch> => [
  ...(item.fromSpace === undefined ? [{ path: item.from, writes: operation === 'batchMove' }] : []),
  { path: item.to, writes: true },
  familyTouch(item.to, item.conflict === 'rename'),
]

const settledBatch =
  <A>(defined: Defined, operation: PlacingVerb | 'batchRemove') =>
  async (state: Json, ref: TaskRef, signal: AbortSignal): Promise<E.Either<Bad, ReadonlyArray<RawOutcome<A>>>> =>
    E.map((result) => result as ReadonlyArray<RawOutcome<A>>)(
      await poll(defined.polling, operation, state, ref, signal),
    )

/** Onto itself: a move is done, a copy conflicts unless it renames; either way the source must be there. */
const lookAtItself =
  (defined: Defined, operation: PlacingVerb) =>
  async (item: ResolvedItem, call: Call): Promise<RawOutcome<Placed> | undefined> => {
    if (item.from !== item.to || item.fromSpace !== undefined) return undefined
    if (operation === 'batchCopy' && item.conflict === 'rename') return undefined
    const found = await settle(defined.operations.stat(item.from, { ...call, wait: true }))
    if (E.isLeft(found)) return { status: 'failed', fault: found.left, attempted: false }
    return operation === 'batchMove'
      ? { status: 'done', path: item.to, how: 'as-asked' }
      : { status: 'failed', fault: nameConflict({ existing: found.right }), attempted: false }
  }

/**
 * With `wait: false` nothing can be mended after the answer, so missing parents are made before; a vendor that makes them
 * itself may do so for directories only. One look a distinct parent.
 */
const makeParentsFirst = async (defined: Defined, items: ReadonlyArray<ResolvedItem>, call: Call): Promise<void> => {
  const targets = new Map(items.map(({ to }) => [parentOf(to), to] as const))
  for (const to of targets.values()) {
    const there = await defined.parents.requireFor(to, call)
    if (E.isLeft(there) && there.left._tag === 'NotFound') await defined.parents.makeFor(to, there.left.at)
  }
}

const placing = (
  defined: Defined,
  operation: PlacingVerb,
  send: Send<ResolvedItem, Placed>,
  items: ReadonlyArray<CopyItem>,
  options: ConflictOptions & WaitOptions<boolean>,
  scope: Scope,
): BatchJob<CopyItem, ResolvedItem, Placed> => {
  const implied = defined.impliedParents.includes(operation)
  const wait = options.wait ?? true
  const required = options.parents === 'require'
  // What a vendor's item has besides is the adapter's to read.
  const resolve = (item: CopyItem): ResolvedItem => ({
    ...item,
    conflict: item.conflict ?? options.conflict ?? 'ask',
  })
  const plan = (item: CopyItem): Planned<CopyItem, ResolvedItem> => {
    const resolved = resolve(item)
    return {
      item,
      resolved,
      touches: touchesOf(operation, resolved),
      fault: placingFault(defined, operation, resolved),
      placeOf: placeOf(item.from, item.to),
    }
  }
  const lookFirst = lookAtItself(defined, operation)
  const call: Call = { signal: scope.signal, wait }
  return {
    vendor: defined.vendor,
    operation,
    items: items.map(plan),
    chunk: defined.capabilities.limits.batch,
    wait,
    send: async (chunk) => {
      if (!wait && !required) await makeParentsFirst(defined, chunk, call)
      return send(chunk, call)()
    },
    settled: settledBatch(defined, operation),
    look: async (item) => {
      const seen = await lookFirst(item, call)
      if (seen !== undefined || !required || !implied) return seen
      const there = await defined.parents.requireFor(item.to, call)
      return E.isLeft(there) ? { status: 'failed', fault: there.left, attempted: false } : undefined
    },
    mend: required
      ? undefined
      : (item, fault) => defined.parents.makeFor(item.to, fault._tag === 'NotFound' ? fault.at : undefined),
    refOf: (of, state) => batchRef(defined.vendor, operation, of, state),
  }
}

const placingVerb =
  (defined: Defined, operation: PlacingVerb) =>
  (items: ReadonlyArray<CopyItem>, options: ConflictOptions & WaitOptions<boolean> = {}) =>
    within({ where: { vendor: defined.vendor, operation }, changes: true, options }, (scope) => {
      const send = defined.operations[operation]
      return send === undefined
        ? Promise.resolve(E.left(unsupported({ feature: `operations.${operation}` })))
        : runBatch(placing(defined, operation, send, items, options, scope), scope)
    })

const removal = (item: RemoveItem): ResolvedRemoval => (typeof item === 'string' ? { path: item } : item)

const lookAtVersion =
  (defined: Defined) =>
  async ({ path, ifVersion }: ResolvedRemoval, call: Call): Promise<RawOutcome<Removed> | undefined> => {
    if (ifVersion === undefined || defined.capabilities.features.ifVersion) return undefined
    const found = await settle(defined.operations.stat(path, { ...call, wait: true }))
    if (E.isLeft(found)) return { status: 'failed', fault: found.left, attempted: false }
    const holds = found.right.kind === 'file' && found.right.version === ifVersion
    return holds ? undefined : { status: 'failed', fault: preconditionFailed(), attempted: false }
  }

const removing = (
  defined: Defined,
  send: NonNullable<Defined['operations']['batchRemove']>,
  items: ReadonlyArray<RemoveItem>,
  options: RemoveOptions & WaitOptions<boolean>,
): BatchJob<RemoveItem, ResolvedRemoval, Removed> => {
  const how = { permanent: options.permanent ?? false, requireTrash: options.requireTrash ?? false }
  return {
    vendor: defined.vendor,
    operation: 'batchRemove',
    items: items.map((item) => {
      const resolved = removal(item)
      return {
        item,
        resolved,
        touches: [{ path: resolved.path, writes: true }],
        fault: resolved.path === root ? unsupported({ feature: 'operations.batchRemove' }) : undefined,
        placeOf: () => resolved.path,
      }
    }),
    chunk: defined.capabilities.limits.batch,
    wait: options.wait ?? true,
    send: (chunk, call) => send(chunk, how, call)(),
    settled: settledBatch(defined, 'batchRemove'),
    look: lookAtVersion(defined),
    mend: undefined,
    refOf: (of, state) => batchRef(defined.vendor, 'batchRemove', of, state),
  }
}

const removeVerb =
  (defined: Defined) =>
  (items: ReadonlyArray<RemoveItem>, options: RemoveOptions & WaitOptions<boolean> = {}) =>
    within({ where: { vendor: defined.vendor, operation: 'batchRemove' }, changes: true, options }, (scope) => {
      const send = defined.operations.batchRemove
      if (send === undefined) return Promise.resolve(E.left(unsupported({ feature: 'operations.batchRemove' })))
      const unrecoverable = options.permanent === true || !has(defined.capabilities, 'features.trash')
      if (options.requireTrash === true && unrecoverable)
        return Promise.resolve(E.left(unsupported({ feature: 'features.trash' })))
      return runBatch(removing(defined, send, items, options), scope)
    })

export const batchVerbs = (defined: Defined): Pick<DriveProvider, 'batchMove' | 'batchCopy' | 'batchRemove'> => ({
  batchMove: placingVerb(defined, 'batchMove') as DriveProvider['batchMove'],
  batchCopy: placingVerb(defined, 'batchCopy') as DriveProvider['batchCopy'],
  batchRemove: removeVerb(defined) as DriveProvider['batchRemove'],
})
