// batchMove, batchCopy and batchRemove: outcomes in request order, conflicting items in successive stages, long stages in chunks.
import * as E from 'fp-ts/Either'
import type { BatchOutcome, BatchSettled, CopyItem, Placed, Removed, RemoveItem } from '../contract/batch'
import { has } from '../contract/capabilities'
import type { ConflictStrategy } from '../contract/conflict'
import { defined } from '../contract/decode'
import { indeterminate, mayHaveHappened, nameConflict, preconditionFailed, unsupported } from '../contract/errors'
import { ancestorsOf, parentOf, root, type DrivePath } from '../contract/path'
import type { Accepted, ConflictOptions, DriveProvider, RemoveOptions, WaitOptions } from '../contract/provider'
import type { TaskOperation, TaskRef } from '../contract/task'
import type {
  RawResult,
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
import { catchDefects, explained, runScoped, stoppedFault, unsentFault, wasNotSent, type Scope } from './scope'
import { familyKey, keyPath, stagesOf, type ConflictKey } from './stages'
import { outcomeOf, poll, stored, taskRef } from './tasks'

type Operation = Exclude<TaskOperation, 'copyDir'>
type Outcomes<A> = ReadonlyArray<RawOutcome<A>>

/** An item on its way to its outcome. */
interface Turn<I, R, A> {
  /** As the caller gave it. */
  readonly item: I
  readonly resolved: R
  readonly keys: ReadonlyArray<ConflictKey>
  readonly errorPath: (fault: Failure) => DrivePath | undefined
  readonly conflict?: ConflictStrategy
  outcome: RawOutcome<A> | undefined
}
type Turns<I, R, A> = ReadonlyArray<Turn<I, R, A>>

export interface Batch<I, R, A> {
  readonly operation: Operation
  readonly wait: boolean
  readonly turns: Turns<I, R, A>
  readonly send: (items: ReadonlyArray<R>, call: Call) => RawResult<Outcomes<A> | Started>
  /** Checks one stage right before its turn: items that it gives an outcome are not sent. */
  readonly check?: (turns: Turns<I, R, A>, call: Call) => Promise<void>
  /** Creates parents before a chunk is sent; true if it sent any request for that. */
  readonly prepare?: (turns: Turns<I, R, A>, call: Call) => Promise<boolean>
  /** Creates the parents that items of a chunk missed; the items to send once more. */
  readonly repair?: (turns: Turns<I, R, A>, call: Call) => Promise<Turns<I, R, A>>
  /** After they were sent once more: says better why items failed. */
  readonly clarify?: (turns: Turns<I, R, A>, call: Call) => Promise<void>
}

const failed = (fault: Failure, attempted: boolean): RawFailure => ({ status: 'failed', fault, attempted })

const open = <T extends { readonly outcome: unknown }>(turns: ReadonlyArray<T>): ReadonlyArray<T> =>
  turns.filter(({ outcome }) => outcome === undefined)

/** Gives every item that has no outcome yet this one. */
const failAll = <I, R, A>(turns: Turns<I, R, A>, fault: Failure, attempted: boolean): void => {
  for (const turn of turns) turn.outcome ??= failed(fault, attempted)
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

/** Once more, those items of a chunk whose parents were missing and are created: what ends the batch, if anything does. */
const sendAgain = async <I, R, A>(
  context: DriveContext,
  batch: Batch<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<Sent> => {
  if (batch.repair === undefined || stoppedFault(scope) !== undefined) return {}
  const call: Call = { signal: scope.signal, wait: batch.wait }
  const again = await batch.repair(turns, call)
  if (again.length === 0) return {}
  const second = await sendChunk(context, batch, again, scope)
  if (E.isRight(second)) {
    await batch.clarify?.(again, call)
    return second.right
  }
  failAll(again, second.left, !wasNotSent(second.left))
  return { stop: second.left }
}

/** The result of one batch. Left only if no request of it could have changed anything. */
export const runBatch = async <I, R, A>(
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
    await batch.check?.(stage, call)
    const due = open(stage)
    for (let at = 0; at < due.length; at += capabilities.limits.batch) {
      const end = stoppedFault(scope)
      if (end !== undefined) return stopped(end)
      const slice = due.slice(at, at + capabilities.limits.batch)
      if (await batch.prepare?.(slice, call)) changed = true
      const chunk = open(slice)
      if (chunk.length === 0) continue
      const sent = await sendChunk(context, batch, chunk, scope)
      if (E.isLeft(sent)) return stopped(sent.left, chunk)
      changed = true
      const ended = Object.keys(sent.right).length > 0
      const { accepted, stop } = ended ? sent.right : await sendAgain(context, batch, chunk, scope)
      if (accepted !== undefined) return E.right({ task: accepted })
      if (stop !== undefined) return stopped(stop)
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

const byParent = (turns: ReadonlyArray<TransferTurn>): Iterable<Array<TransferTurn>> => {
  const groups = new Map<DrivePath, Array<TransferTurn>>()
  for (const turn of turns) {
    const parent = parentOf(turn.resolved.to)
    const group = groups.get(parent)
    if (group === undefined) groups.set(parent, [turn])
    else group.push(turn)
  }
  return groups.values()
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
  const check: NonNullable<Transfer['check']> = async (turns, call) => {
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
  /** `NotFound('source')` for an item of which that is true; a source in another space is taken to exist. */
  const missingSource = async ({ resolved: { from, fromSpace } }: TransferTurn, call: Call) =>
    fromSpace === undefined ? sourceFault(context, from, call) : undefined
  /** Creates the parent of these items, once an item is found whose source exists; those before it fail. */
  const createParent = async (group: Turns<CopyItem, ResolvedItem, Placed>, at: DrivePath | undefined, call: Call) => {
    for (const turn of group) {
      const missing = await missingSource(turn, call)
      if (missing === undefined) return parents.createFor(turn.resolved.to, at)
      turn.outcome = failed(missing, turn.outcome !== undefined)
    }
    return undefined
  }
  // With `wait: false` nothing can be repaired after the response, so missing parents are created before.
  const prepare: NonNullable<Transfer['prepare']> = async (turns, call) => {
    let sent = false
    for (const group of byParent(turns)) {
      const exists = await parents.requireFor(group[0]?.resolved.to ?? root, call)
      if (E.isRight(exists) || exists.left._tag !== 'NotFound') continue
      sent = (await createParent(group, exists.left.at, call)) !== undefined || sent
    }
    return sent
  }
  const repair: NonNullable<Transfer['repair']> = async (turns, call) => {
    for (const group of byParent(turns.filter(missesParent))) {
      const fault = group[0]?.outcome?.status === 'failed' ? group[0].outcome.fault : undefined
      const created = await createParent(group, fault?._tag === 'NotFound' ? fault.at : undefined, call)
      for (const turn of group.filter(missesParent))
        turn.outcome = created !== undefined && E.isLeft(created) ? failed(created.left, true) : undefined
    }
    return open(turns)
  }
  // Where the parent exists now, a service that says otherwise may mean the source.
  const clarify: NonNullable<Transfer['clarify']> = async (turns, call) => {
    for (const turn of turns.filter(missesParent)) {
      const missing = await missingSource(turn, call)
      if (missing !== undefined) turn.outcome = failed(missing, true)
    }
  }
  return {
    operation,
    wait,
    turns: items.map((item) => transferTurn(context, operation, item, options)),
    send,
    check,
    ...(requires ? {} : wait ? { repair, clarify } : { repair, clarify, prepare }),
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
