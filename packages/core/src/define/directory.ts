// stat, list, createDir and copyDir, as every drive does them.
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Placed } from '../contract/batch'
import type { Defined, Placing } from './define'
import type { Page, Entry } from '../contract/entry'
import {
  locate,
  nameConflict,
  unsupported,
  wrongKind,
  type DriveError,
  type Fault,
  type Operation,
  type Where,
} from '../contract/errors'
import type { Answered, Call, Started } from './operations'
import type { DrivePath } from '../contract/path'
import { poll } from './poll'
import type { DriveProvider } from '../contract/provider'
import { copyDirRef } from './refs'
import { copyDirFault, createDirFault, placeOf } from './rules'
import { settle, within, type Scope } from './scope'
import type { Accepted } from '../contract/task'
import { isTemporary } from '../contract/temporary'

type Bad = Fault | DriveError

/** Under `require` core looks first where the vendor would make the parents; under `create` a missed parent is made, and the operation tried once more. */
export const withParents = async <A>(
  defined: Defined,
  target: { readonly operation: Placing; readonly path: DrivePath; readonly parents: 'create' | 'require' | undefined },
  call: Call,
  run: () => Answered<A>,
): Promise<E.Either<Bad, A>> => {
  if (target.parents === 'require') {
    if (defined.impliedParents.includes(target.operation)) {
      const there = await defined.parents.requireFor(target.path, call)
      if (E.isLeft(there)) return there
    }
    return settle(run())
  }
  const first = await settle(run())
  if (E.isRight(first) || first.left._tag !== 'NotFound' || first.left.what !== 'parent' || call.signal.aborted)
    return first
  const made = await defined.parents.makeFor(target.path, first.left.at)
  return E.isLeft(made) ? made : settle(run())
}

const visible = (page: Page<Entry>): Page<Entry> => ({
  ...page,
  items: page.items.filter((entry) => !isTemporary(entry.name)),
})

/** A copy onto itself: its source must be there, and be a directory. */
const copyOntoItself = async (defined: Defined, path: DrivePath, call: Call): Promise<E.Either<Bad, Entry>> =>
  pipe(
    await settle(defined.operations.stat(path, call)),
    E.flatMap((entry) => (entry.kind === 'directory' ? E.right(entry) : E.left(wrongKind({ expected: 'directory' })))),
  )

export const directoryVerbs = (defined: Defined): Pick<DriveProvider, 'stat' | 'list' | 'createDir' | 'copyDir'> => {
  const { vendor, capabilities, operations } = defined
  const at = (operation: Operation, path: DrivePath): Where => ({ vendor, operation, path })

  const copied = async (
    from: DrivePath,
    to: DrivePath,
    answer: Placed | Started,
    scope: Scope,
    wait: boolean,
  ): Promise<E.Either<Bad, Placed | Accepted<'copyDir'>>> => {
    if (!('state' in answer)) return E.right(answer)
    const task = copyDirRef(vendor, from, to, answer.state)
    if (!wait) return E.right({ task })
    const result = await poll(defined.polling, 'copyDir', answer.state, task, scope.signal)
    return E.map((settled) => settled as Placed)(result)
  }

  const copyDir = (
    from: DrivePath,
    to: DrivePath,
    options: Parameters<DriveProvider['copyDir']>[2] & { readonly wait?: boolean } = {},
  ) => {
    const place = placeOf(from, to)
    return within(
      { where: at('copyDir', from), changes: true, options },
      async (scope): Promise<E.Either<Bad, Placed | Accepted<'copyDir'>>> => {
        const conflict = options.conflict ?? 'ask'
        const wait = options.wait ?? true
        const call: Call = { signal: scope.signal, wait }
        const here = (fault: Bad): DriveError => locate(at('copyDir', place(fault)))(fault)
        const run = operations.copyDir
        const refused =
          run === undefined ? unsupported({ feature: 'operations.copyDir' }) : copyDirFault(defined, from, to, conflict)
        if (run === undefined || refused !== undefined)
          return E.left(here(refused ?? unsupported({ feature: 'operations.copyDir' })))
        if (from === to && conflict !== 'rename') {
          const self = await copyOntoItself(defined, from, call)
          return E.left(here(E.isLeft(self) ? self.left : nameConflict({ existing: self.right })))
        }
        const answered = await withParents(
          defined,
          { operation: 'copyDir', path: to, parents: options.parents },
          call,
          () => run(from, to, conflict, call),
        )
        if (E.isLeft(answered)) return scope.cause() === undefined ? E.left(here(answered.left)) : answered
        return copied(from, to, answered.right, scope, wait)
      },
    )
  }

  return {
    stat: (path, options) =>
      within({ where: at('stat', path), changes: false, options }, ({ signal }) =>
        operations.stat(path, { signal, wait: true })(),
      ),
    list: (path, options = {}) =>
      within({ where: at('list', path), changes: false, options }, async ({ signal }) => {
        const limit = Math.max(
          1,
          Math.min(capabilities.limits.page, Math.floor(options.limit ?? capabilities.limits.page)),
        )
        const page = await operations.list(path, { cursor: options.cursor, limit }, { signal, wait: true })()
        return options.temporaries === 'show' ? page : E.map(visible)(page)
      }),
    createDir: (path, options = {}) =>
      within({ where: at('createDir', path), changes: true, options }, async ({ signal }) => {
        const conflict = options.conflict ?? 'ask'
        const refused = createDirFault(defined, path, conflict)
        if (refused !== undefined) return E.left(refused)
        const call: Call = { signal, wait: true }
        const { createdAt, modifiedAt } = options
        return withParents(defined, { operation: 'createDir', path, parents: options.parents }, call, () =>
          operations.createDir(path, { conflict, createdAt, modifiedAt }, call),
        )
      }),
    copyDir: copyDir as DriveProvider['copyDir'],
  }
}
