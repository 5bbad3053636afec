// The operations on entries and batches, each: rules, then the drive's latency, then one step on the tree.
import * as E from 'fp-ts/Either'
import type {
  ConflictOptions,
  CopyItem,
  DrivePath,
  DriveProvider,
  Fault,
  Operation,
  Placed,
  RemoveItem,
  Removed,
  RemoveOptions,
  WaitOptions,
} from '@anydrive/core'
import { unsupported } from '@anydrive/core/adapter'
import { inOrder } from './batches'
import { runCall, type Call, type Located } from './call'
import * as changes from './changes'
import { howOf, resultOf, timesOf, type Context } from './context'
import { pageOf } from './listing'
import { entryOf, type DirNode } from './nodes'
import * as rules from './rules'
import { find, findDir, next, type Answer } from './tree'

/** Where a call on one path happens. */
export const at =
  (operation: Operation, path?: DrivePath): Located =>
  () => ({ vendor: 'memory', operation, ...(path === undefined ? {} : { path }) })

/** One step on the tree, once nothing speaks against it. */
export const step = async <A>(
  call: Call,
  refused: Fault | undefined,
  run: () => Answer<A>,
): Promise<E.Either<Fault, A>> => {
  const stopped = refused ?? (await call.pause())
  return stopped === undefined ? run() : E.left(stopped)
}

export const entryVerbs = (context: Context): Pick<DriveProvider, 'stat' | 'list' | 'createDir' | 'copyDir'> => {
  const { store, capabilities, clock, now } = context
  const { naming, limits } = capabilities

  const copyDir = (from: DrivePath, to: DrivePath, options: ConflictOptions & WaitOptions<boolean> = {}) => {
    const located: Located = (fault) => ({
      vendor: 'memory',
      operation: 'copyDir',
      path: rules.placeOf(from, to, fault),
    })
    return runCall(clock, located, options, async (call) => {
      const copied = await step(call, rules.copyDirFault(naming, from, to), () =>
        changes.copy(store.tree, from, to, howOf(context, options), 'directory'),
      )
      return E.map((placed: Placed) => resultOf(context, 'copyDir', options.wait, placed))(copied)
    })
  }

  return {
    stat: (path, options = {}) =>
      runCall(clock, at('stat', path), options, (call) =>
        step(call, undefined, () => E.map(entryOf)(find(store.tree, path))),
      ),
    list: (path, options = {}) =>
      runCall(clock, at('list', path), options, (call) =>
        step(call, undefined, () =>
          E.flatMap((dir: DirNode) => pageOf(dir, options, limits.page))(findDir(store.tree, path)),
        ),
      ),
    createDir: (path, options = {}) =>
      runCall(clock, at('createDir', path), options, (call) =>
        step(call, rules.createDirFault(naming, path), () =>
          changes.makeDir(store.tree, path, howOf(context, options), timesOf(options, now())),
        ),
      ),
    copyDir: copyDir as DriveProvider['copyDir'],
  }
}

export const batchVerbs = (context: Context): Pick<DriveProvider, 'batchMove' | 'batchCopy' | 'batchRemove'> => {
  const { store, settings, capabilities, clock } = context
  const { naming } = capabilities

  const placing =
    (operation: 'batchMove' | 'batchCopy') =>
    (items: ReadonlyArray<CopyItem>, options: ConflictOptions & WaitOptions<boolean> = {}) =>
      runCall(clock, at(operation), options, async (call) => {
        const [change, fault] =
          operation === 'batchMove' ? [changes.move, rules.moveFault] : [changes.copy, rules.copyFault]
        const settled = await inOrder<CopyItem, Placed>(call, items, {
          operation,
          placeOf: ({ from, to }, about) => rules.placeOf(from, to, about),
          refused: (item) => fault(naming, item),
          run: ({ from, to, conflict }) => change(store.tree, from, to, howOf(context, options, conflict)),
        })
        if (E.isLeft(settled) || items.length === 0) return settled
        return E.right(resultOf(context, operation, options.wait, settled.right))
      })

  const pathOfItem = (item: RemoveItem): DrivePath => (typeof item === 'string' ? item : item.path)

  const removeOne = (item: RemoveItem, permanent: boolean): Answer<Removed> => {
    const path = pathOfItem(item)
    const ifVersion = typeof item === 'string' ? undefined : item.ifVersion
    const removed = changes.remove(store.tree, path, ifVersion, context.now())
    if (E.isLeft(removed)) return removed
    const trashed = settings.trash === true && !permanent
    if (!trashed) return E.right({ path, how: 'erased' })
    const id = next(store.tree)
    store.bin.push({ id, path, node: removed.right, removedAt: context.now() })
    return E.right({ path, how: 'trashed', trashId: id })
  }

  const batchRemove = (items: ReadonlyArray<RemoveItem>, options: RemoveOptions & WaitOptions<boolean> = {}) =>
    runCall(clock, at('batchRemove'), options, async (call) => {
      const permanent = options.permanent === true
      if (options.requireTrash === true && (permanent || settings.trash !== true))
        return E.left(unsupported({ feature: 'features.trash' }))
      const settled = await inOrder<RemoveItem, Removed>(call, items, {
        operation: 'batchRemove',
        placeOf: pathOfItem,
        refused: (item) => rules.removeFault(pathOfItem(item)),
        run: (item) => removeOne(item, permanent),
      })
      if (E.isLeft(settled) || items.length === 0) return settled
      return E.right(resultOf(context, 'batchRemove', options.wait, settled.right))
    })

  return {
    batchMove: placing('batchMove') as DriveProvider['batchMove'],
    batchCopy: placing('batchCopy') as DriveProvider['batchCopy'],
    batchRemove: batchRemove as DriveProvider['batchRemove'],
  }
}
