// The verbs that only some drives have: trash, search, versions, download URLs, times and changes.
import * as E from 'fp-ts/Either'
import type { Placed, Purged, TrashItem } from '../contract/batch'
import { has } from '../contract/capabilities'
import { defined } from '../contract/decode'
import { unsupported } from '../contract/errors'
import type { OptionalVerb, OptionalVerbs, RestoreOptions } from '../contract/optional'
import { nameOf, type DrivePath } from '../contract/path'
import type { CallOptions, PageOptions, WaitOptions } from '../contract/provider'
import { matchesQuery } from '../contract/search'
import { isTemporary } from '../contract/temporary'
import { runBatch, type Batch } from './batch'
import type { Call, DriveContext, OptionalOperations, RawPage, RawResult } from './context'
import type { Failure } from './rules'
import { catchDefects, runScoped, type Scope } from './scope'

type Inputs = { readonly options: CallOptions }
type Outcome<A> = Promise<E.Either<Failure, A>>

/** What `limit` asks for, within what the service takes. */
export const rawPage = ({ capabilities }: DriveContext, { cursor, limit }: PageOptions): RawPage => {
  const most = capabilities.limits.page
  return { cursor, limit: Math.max(1, Math.min(most, Math.floor(limit ?? most))) }
}

/** One of the verbs, which fails with `Unsupported` unless the drive declares it. */
const verbOf =
  (context: DriveContext) =>
  <V extends OptionalVerb, I extends Inputs, A>(
    verb: V,
    inputs: I,
    body: (operation: OptionalOperations[V], inputs: I, call: Call, scope: Scope) => Outcome<A>,
  ) => {
    const { vendor, capabilities, operations } = context
    const errorPath = (valid: I): DrivePath | undefined => ('path' in valid ? (valid.path as DrivePath) : undefined)
    return runScoped({ vendor, verb, inputs, errorPath }, (valid, scope): Outcome<A> => {
      const operation = operations[verb] as OptionalOperations[V] | undefined
      return operation === undefined || !has(capabilities, `operations.${verb}`)
        ? Promise.resolve(E.left(unsupported({ feature: `operations.${verb}` })))
        : body(operation, valid, { signal: scope.signal, wait: true }, scope)
    })
  }

const idOf = (item: TrashItem): string => (typeof item === 'string' ? item : item.trashId)

const trashBatch = <A>(
  operation: 'restore' | 'purge',
  items: ReadonlyArray<TrashItem>,
  { wait = true, conflict }: RestoreOptions & WaitOptions<boolean>,
  send: (trashIds: ReadonlyArray<string>, call: Call) => ReturnType<Batch<TrashItem, string, A>['send']>,
): Batch<TrashItem, string, A> => ({
  operation,
  wait,
  turns: items.map((item) => ({
    item,
    resolved: idOf(item),
    keys: [{ path: encodeURIComponent(idOf(item)), writes: true }],
    errorPath: () => undefined,
    ...defined({ conflict }),
    outcome: undefined,
  })),
  send,
})

export const optionalVerbs = (context: DriveContext): OptionalVerbs => {
  const { capabilities } = context
  const verb = verbOf(context)
  const run = <A>(result: () => RawResult<A>): Outcome<A> => catchDefects(result)

  const restore = (items: ReadonlyArray<TrashItem>, options: RestoreOptions & WaitOptions<boolean> = {}) =>
    verb('restore', { items, options }, async (send, { items, options }, _, scope) => {
      const { conflict = 'ask' } = options
      if (!has(capabilities, `conflict.restore.${conflict}`))
        return E.left(unsupported({ feature: `conflict.restore.${conflict}` }))
      const batch = trashBatch<Placed>('restore', items, options, (ids, call) => send(ids, { conflict }, call))
      return runBatch(context, batch, scope)
    })
  const purge = (items: ReadonlyArray<TrashItem>, options: CallOptions & WaitOptions<boolean> = {}) =>
    verb('purge', { items, options }, (send, { items, options }, _, scope) =>
      runBatch(context, trashBatch<Purged>('purge', items, options, send), scope),
    )

  return {
    restore: restore as OptionalVerbs['restore'],
    purge: purge as OptionalVerbs['purge'],
    listTrash: (options = {}) =>
      verb('listTrash', { options }, (list, { options }, call) => run(() => list(rawPage(context, options), call))),
    emptyTrash: (options = {}) => verb('emptyTrash', { options }, (empty, _, call) => run(() => empty(call))),
    search: (query, options = {}) =>
      verb('search', { query, options }, async (search, { query, options }, call) => {
        const page = await run(() => search(query, rawPage(context, options), call))
        if (E.isLeft(page)) return page
        const matches = matchesQuery(query)
        const items = page.right.items.filter((entry) => matches(entry) && !isTemporary(entry.name))
        return E.right({ ...page.right, items })
      }),
    listVersions: (path, options = {}) =>
      verb('listVersions', { path, options }, (list, { path, options }, call) =>
        run(() => list(path, rawPage(context, options), call)),
      ),
    restoreVersion: (path, version, options = {}) =>
      verb('restoreVersion', { path, version, options }, (restoreTo, { path, version }, call) =>
        run(() => restoreTo(path, version, call)),
      ),
    downloadUrl: (path, options = {}) =>
      verb('downloadUrl', { path, options }, (link, { path, options: { expiresIn } }, call) =>
        run(() => link(path, { expiresIn }, call)),
      ),
    setTimes: (path, times, options = {}) =>
      verb('setTimes', { path, times, options }, (set, { path, times }, call) => run(() => set(path, times, call))),
    changes: (options = {}) =>
      verb('changes', { options }, async (changes, { options }, call) => {
        const page = await run(() => changes(rawPage(context, options), call))
        if (E.isLeft(page)) return page
        const items = page.right.items.filter(({ path }) => path === undefined || !isTemporary(nameOf(path)))
        return E.right({ ...page.right, items })
      }),
  }
}
