// batchMove, batchCopy and batchRemove: outcomes in request order, conflicting items in successive stages, long stages in chunks.
import * as E from 'fp-ts/Either'
import {
  ancestorsOf,
  defined,
  has,
  indeterminate,
  mayHaveHappened,
  nameConflict,
  parentOf,
  preconditionFailed,
  root,
  unavailable,
  unsupported,
  withoutEffect,
  type Accepted,
  type BatchOutcome,
  type BatchSettled,
  type ConflictOptions,
  type ConflictStrategy,
  type CopyItem,
  type DrivePath,
  type DriveProvider,
  type Placed,
  type Removed,
  type RemoveItem,
  type RemoveOptions,
  type TaskRef,
  type WaitOptions,
} from '../contract'
import type {
  Answered,
  Call,
  DriveContext,
  RawFailure,
  RawOutcome,
  ResolvedItem,
  ResolvedRemoval,
  Started,
} from './context'
import { sourceFault, type Parents } from './parents'
import { errorPath, transferFault, type Failure } from './rules'
import { catchDefects, explained, runScoped, stoppedFault, type Scope } from './scope'
import { familyKey, keyPath, stagesOf, type ConflictKey } from './stages'
import { outcomeOf, poll, taskRef } from './tasks'

type Operation = 'batchMove' | 'batchCopy' | 'batchRemove'
type Outcomes<A> = ReadonlyArray<RawOutcome<A>>

/** An item on its way to its outcome. */
interface Turn<I, R, A> {
  /** As the caller gave it. */
  readonly item: I
  readonly resolved: R
  readonly keys: ReadonlyArray<ConflictKey>
  readonly errorPath: (fault: Failure) => DrivePath
  readonly conflict?: ConflictStrategy
  outcome: RawOutcome<A> | undefined
}
type Turns<I, R, A> = ReadonlyArray<Turn<I, R, A>>

interface Batch<I, R, A> {
  readonly operation: Operation
  readonly wait: boolean
  readonly turns: Turns<I, R, A>
  readonly send: (items: ReadonlyArray<R>, call: Call) => Answered<Outcomes<A> | Started>
  /** Checks one stage right before its turn: items that it gives an outcome are not sent. */
  readonly check: (turns: Turns<I, R, A>, call: Call) => Promise<void>
  /** Creates parents before a chunk is sent; true if it sent any request for that. */
  readonly prepare?: (turns: Turns<I, R, A>, call: Call) => Promise<boolean>
  /** Creates the parents that items of a chunk missed; the items to send once more. */
  readonly repair?: (turns: Turns<I, R, A>, call: Call) => Promise<Turns<I, R, A>>
}

const failed = (fault: Failure, attempted: boolean): RawFailure => ({ status: 'failed', fault, attempted })

const open = <T extends { readonly outcome: unknown }>(turns: ReadonlyArray<T>): ReadonlyArray<T> =>
  turns.filter(({ outcome }) => outcome === undefined)

/** Gives every item that has no outcome yet this one. */
const failAll = <I, R, A>(turns: Turns<I, R, A>, fault: Failure, attempted: boolean): void => {
  for (const turn of turns) turn.outcome ??= failed(fault, attempted)
}

/** Nothing of the request left this machine. */
const wasNotSent = (fault: Failure): boolean =>
  ['Aborted', 'Network', 'Timeout'].includes(fault._tag) && !mayHaveHappened(fault)

/** What items that were never sent carry, after `fault` ended the batch. */
const unsentFault = (fault: Failure, scope: Scope): Failure =>
  stoppedFault(scope) ??
  (fault._tag === 'Indeterminate' || fault._tag === 'TaskFailed'
    ? unavailable({
        effect: 'none',
        said: 'not sent, because the outcome of an earlier request of this batch is unknown',
      })
    : withoutEffect(fault))

/** The fields of an item that its task's reference keeps. */
const stored = (item: unknown, { options: { itemFields = [] } }: DriveContext): unknown => {
  const fields = ['from', 'to', 'conflict', 'fromSpace', 'path', 'ifVersion', ...itemFields]
  return typeof item === 'string'
    ? item
    : Object.fromEntries(Object.entries(item as object).filter(([field]) => fields.includes(field)))
}

/** What became of a chunk: `accepted` ends the batch with a reference, `stop` ends it with what the remaining items carry. */
type Sent = { readonly accepted?: TaskRef; readonly stop?: Failure }

/** Left: a refusal of the whole chunk, which had no effect. */
const sendChunk = async <I, R, A>(
  context: DriveContext,
  batch: Batch<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<E.Either<Failure, Sent>> => {
  const { operation, wait } = batch
  const items = turns.map(({ resolved }) => resolved)
  const sent = await catchDefects(() => batch.send(items, { signal: scope.signal, wait }))
  if (E.isLeft(sent)) {
    if (!mayHaveHappened(sent.left)) return sent
    failAll(turns, sent.left, true)
    return E.right({ stop: sent.left })
  }
  let outcomes: E.Either<Failure, Outcomes<A>>
  if ('state' in sent.right) {
    const ref = taskRef(
      context.vendor,
      operation,
      { items: turns.map(({ item }) => stored(item, context)) },
      sent.right.state,
    )
    if (!wait && turns.length === batch.turns.length) return E.right({ accepted: ref })
    outcomes = E.map((result) => result as Outcomes<A>)(await poll(context, ref, sent.right.state, scope.signal))
  } else outcomes = E.right(sent.right)
  turns.forEach((turn, n) => {
    turn.outcome = E.isLeft(outcomes)
      ? failed(outcomes.left, true)
      : (outcomes.right[n] ?? failed(indeterminate({ check: 'this item: the service reported no outcome' }), true))
  })
  return E.right({})
}

/** Sends a chunk, and once more those of its items whose parents were missing and are created. */
const sendAndRepair = async <I, R, A>(
  context: DriveContext,
  batch: Batch<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<E.Either<Failure, Sent>> => {
  const first = await sendChunk(context, batch, turns, scope)
  const ended = E.isLeft(first) || first.right.accepted !== undefined || first.right.stop !== undefined
  if (ended || batch.repair === undefined || stoppedFault(scope) !== undefined) return first
  const again = await batch.repair(turns, { signal: scope.signal, wait: batch.wait })
  if (again.length === 0) return first
  const second = await sendChunk(context, batch, again, scope)
  if (E.isRight(second)) return second
  failAll(again, second.left, !wasNotSent(second.left))
  return E.right({ stop: second.left })
}

/** The result of one batch. Left only if no request of it could have changed anything. */
const runBatch = async <I, R, A>(
  context: DriveContext,
  batch: Batch<I, R, A>,
  scope: Scope,
): Promise<E.Either<Failure, BatchSettled<I, A> | Accepted>> => {
  const { turns, operation, wait } = batch
  const { vendor, capabilities } = context
  const call: Call = { signal: scope.signal, wait }
  const settled = (): E.Either<Failure, BatchSettled<I, A>> =>
    E.right({
      outcomes: turns.map(({ item, errorPath, conflict, outcome }): BatchOutcome<I, A> => {
        const raw =
          outcome?.status === 'failed' ? { ...outcome, fault: explained(scope, true, outcome.fault) } : outcome
        return outcomeOf({ vendor, operation }, item, errorPath, raw, conflict)
      }),
    })
  let changed = false
  const stopped = (fault: Failure, chunk: Turns<I, R, A> = []) => {
    if (!changed) return E.left(fault)
    failAll(chunk, fault, !wasNotSent(fault))
    failAll(turns, unsentFault(fault, scope), false)
    return settled()
  }
  const remaining = open(turns)
  const stages = stagesOf(remaining.map(({ keys }) => keys))
  const byStage: Array<Array<Turn<I, R, A>>> = []
  remaining.forEach((turn, n) => (byStage[stages[n] ?? 0] ??= []).push(turn))
  for (const stage of byStage) {
    await batch.check(stage, call)
    const due = open(stage)
    for (let at = 0; at < due.length; at += capabilities.limits.batch) {
      const ended = stoppedFault(scope)
      if (ended !== undefined) return stopped(ended)
      const chunk = due.slice(at, at + capabilities.limits.batch)
      if (await batch.prepare?.(chunk, call)) changed = true
      const sent = await sendAndRepair(context, batch, chunk, scope)
      if (E.isLeft(sent)) return stopped(sent.left, chunk)
      changed = true
      if (sent.right.accepted !== undefined) return E.right({ task: sent.right.accepted })
      if (sent.right.stop !== undefined) return stopped(sent.right.stop)
    }
  }
  return settled()
}

// --- moving and copying

type TransferOptions = ConflictOptions & WaitOptions<boolean>
type Transfer = Batch<CopyItem, ResolvedItem, Placed>
type TransferTurn = Turn<CopyItem, ResolvedItem, Placed>

const transferTurn = (
  context: DriveContext,
  operation: 'batchMove' | 'batchCopy',
  item: CopyItem,
  options: TransferOptions,
): TransferTurn => {
  const { space, itemFields = [] } = context.options
  const { from, to } = item
  const fromSpace = item.fromSpace === space ? undefined : item.fromSpace
  const extra = Object.fromEntries(Object.entries(item).filter(([field]) => itemFields.includes(field)))
  const conflict = item.conflict ?? options.conflict ?? 'ask'
  const resolved: ResolvedItem = { ...extra, from, to, conflict, ...defined({ fromSpace }) }
  const fault = transferFault(context, operation, resolved)
  return {
    item,
    resolved,
    keys: [
      { path: keyPath(from, fromSpace), writes: operation === 'batchMove' },
      { path: keyPath(to), writes: true },
      familyKey(to, conflict === 'rename'),
    ],
    errorPath: errorPath(from, to),
    conflict,
    outcome: fault === undefined ? undefined : failed(fault, false),
  }
}

/** Onto itself: a move is done, a copy conflicts unless it renames; in either case the source must exist. */
const checkOntoItself = async (
  { operations }: DriveContext,
  operation: Operation,
  { from, to, fromSpace, conflict }: ResolvedItem,
  call: Call,
): Promise<RawOutcome<Placed> | undefined> => {
  if (from !== to || fromSpace !== undefined) return undefined
  if (operation === 'batchCopy' && conflict === 'rename') return undefined
  const found = await catchDefects(() => operations.stat(from, { ...call, wait: true }))
  if (E.isLeft(found)) return failed(found.left, false)
  return operation === 'batchMove'
    ? { status: 'done', path: to, how: 'as-asked' }
    : failed(nameConflict({ existing: found.right }), false)
}

const byParent = (turns: ReadonlyArray<TransferTurn>): ReadonlyMap<DrivePath, ReadonlyArray<TransferTurn>> => {
  const groups = new Map<DrivePath, Array<TransferTurn>>()
  for (const turn of turns) {
    const parent = parentOf(turn.resolved.to)
    groups.set(parent, [...(groups.get(parent) ?? []), turn])
  }
  return groups
}

/** The first item whose source exists; those before it get the outcome that theirs does not. A source in another space is taken to exist. */
const withSource = async (
  context: DriveContext,
  turns: ReadonlyArray<TransferTurn>,
  call: Call,
  onMissing: (turn: TransferTurn, fault: Failure) => void,
): Promise<TransferTurn | undefined> => {
  for (const turn of turns) {
    const { from, fromSpace } = turn.resolved
    const missing = fromSpace === undefined ? await sourceFault(context, from, call) : undefined
    if (missing === undefined) return turn
    onMissing(turn, missing)
  }
  return undefined
}

const missesParent = ({ outcome }: TransferTurn): boolean =>
  outcome?.status === 'failed' && outcome.fault._tag === 'NotFound' && outcome.fault.what === 'parent'

const transfer = (
  context: DriveContext,
  parents: Parents,
  operation: 'batchMove' | 'batchCopy',
  send: Transfer['send'],
  items: ReadonlyArray<CopyItem>,
  options: TransferOptions,
): Transfer => {
  const wait = options.wait ?? true
  const requires = options.parents === 'require'
  const looksUp = requires && context.options.impliedParents?.includes(operation) === true
  const existing = new Map<DrivePath, E.Either<Failure, void>>()
  let touched = new Set<DrivePath>()
  const check: Transfer['check'] = async (turns, call) => {
    for (const parent of existing.keys())
      if ([...ancestorsOf(parent), parent].some((dir) => touched.has(dir))) existing.delete(parent)
    touched = new Set(turns.flatMap(({ resolved }) => [resolved.from, resolved.to]))
    for (const turn of turns) {
      if (call.signal.aborted) return
      turn.outcome = await checkOntoItself(context, operation, turn.resolved, call)
      if (turn.outcome !== undefined || !looksUp) continue
      const parent = parentOf(turn.resolved.to)
      const exists = existing.get(parent) ?? (await parents.requireFor(turn.resolved.to, call))
      existing.set(parent, exists)
      if (E.isLeft(exists)) turn.outcome = failed(exists.left, false)
    }
  }
  // With `wait: false` nothing can be repaired after the response, so missing parents are created before.
  const prepare: NonNullable<Transfer['prepare']> = async (turns, call) => {
    let sent = false
    for (const group of byParent(turns).values()) {
      const [first] = group
      const exists = first === undefined ? undefined : await parents.requireFor(first.resolved.to, call)
      if (exists === undefined || E.isRight(exists) || exists.left._tag !== 'NotFound') continue
      const turn = await withSource(context, group, call, () => undefined)
      if (turn === undefined) continue
      sent = true
      await parents.createFor(turn.resolved.to, exists.left.at)
    }
    return sent
  }
  const repair: NonNullable<Transfer['repair']> = async (turns, call) => {
    const again: Array<TransferTurn> = []
    for (const group of byParent(turns.filter(missesParent)).values()) {
      const missing = new Set<TransferTurn>()
      const turn = await withSource(context, group, call, (of, fault) => {
        missing.add(of)
        of.outcome = failed(fault, true)
      })
      if (turn?.outcome?.status !== 'failed') continue
      const { fault } = turn.outcome
      const created = await parents.createFor(turn.resolved.to, fault._tag === 'NotFound' ? fault.at : undefined)
      for (const one of group.filter((one) => !missing.has(one))) {
        one.outcome = E.isLeft(created) ? failed(created.left, true) : undefined
        if (E.isRight(created)) again.push(one)
      }
    }
    return again
  }
  return {
    operation,
    wait,
    turns: items.map((item) => transferTurn(context, operation, item, options)),
    send,
    check,
    ...(requires ? {} : wait ? { repair } : { repair, prepare }),
  }
}

const transferVerb =
  (context: DriveContext, parents: Parents, operation: 'batchMove' | 'batchCopy') =>
  (items: ReadonlyArray<CopyItem>, options: TransferOptions = {}) =>
    runScoped({ vendor: context.vendor, verb: operation, inputs: { items, options } }, async (inputs, scope) => {
      const send = context.operations[operation]
      if (send === undefined) return E.left(unsupported({ feature: `operations.${operation}` }))
      return runBatch(context, transfer(context, parents, operation, send, inputs.items, inputs.options), scope)
    })

// --- removing

type RemovalOptions = RemoveOptions & WaitOptions<boolean>

/** Where the service does not check a version itself, a lookup precedes the removal. */
const checkVersion = async (
  { operations, capabilities }: DriveContext,
  { path, ifVersion }: ResolvedRemoval,
  call: Call,
): Promise<RawOutcome<Removed> | undefined> => {
  if (ifVersion === undefined || capabilities.features.ifVersion) return undefined
  const found = await catchDefects(() => operations.stat(path, { ...call, wait: true }))
  if (E.isLeft(found)) return failed(found.left, false)
  const holds = found.right.kind === 'file' && found.right.version === ifVersion
  return holds ? undefined : failed(preconditionFailed(), false)
}

const removal = (
  context: DriveContext,
  send: NonNullable<DriveContext['operations']['batchRemove']>,
  items: ReadonlyArray<RemoveItem>,
  { permanent = false, requireTrash = false, wait = true }: RemovalOptions,
): Batch<RemoveItem, ResolvedRemoval, Removed> => ({
  operation: 'batchRemove',
  wait,
  turns: items.map((item) => {
    const resolved = typeof item === 'string' ? { path: item } : item
    const { path } = resolved
    return {
      item,
      resolved,
      keys: [{ path: keyPath(path), writes: true }],
      errorPath: () => path,
      outcome: path === root ? failed(unsupported({ feature: 'operations.batchRemove' }), false) : undefined,
    }
  }),
  send: (chunk, call) => send(chunk, { permanent, requireTrash }, call),
  check: async (turns, call) => {
    for (const turn of turns) {
      if (call.signal.aborted) return
      turn.outcome = await checkVersion(context, turn.resolved, call)
    }
  },
})

const removeVerb =
  (context: DriveContext) =>
  (items: ReadonlyArray<RemoveItem>, options: RemovalOptions = {}) =>
    runScoped({ vendor: context.vendor, verb: 'batchRemove', inputs: { items, options } }, async (inputs, scope) => {
      const send = context.operations.batchRemove
      if (send === undefined) return E.left(unsupported({ feature: 'operations.batchRemove' }))
      const { permanent, requireTrash } = inputs.options
      if (requireTrash === true && (permanent === true || !has(context.capabilities, 'features.trash')))
        return E.left(unsupported({ feature: 'features.trash' }))
      return runBatch(context, removal(context, send, inputs.items, inputs.options), scope)
    })

export const batchVerbs = (
  context: DriveContext,
  parents: Parents,
): Pick<DriveProvider, 'batchMove' | 'batchCopy' | 'batchRemove'> => ({
  batchMove: transferVerb(context, parents, 'batchMove') as DriveProvider['batchMove'],
  batchCopy: transferVerb(context, parents, 'batchCopy') as DriveProvider['batchCopy'],
  batchRemove: removeVerb(context) as DriveProvider['batchRemove'],
})
