// stat, list, createDir, copyDir and usage.
import * as E from 'fp-ts/Either'
import type { Placed } from '../contract/batch'
import { nameConflict, unsupported, wrongKind } from '../contract/errors'
import type { DrivePath } from '../contract/path'
import type { Accepted, ConflictOptions, DriveProvider, WaitOptions } from '../contract/provider'
import { isTemporary } from '../contract/temporary'
import type { Call, DriveContext } from './context'
import { rawPage } from './optional'
import { withParents, type Parents } from './parents'
import { copyDirFault, createDirFault, errorPath, type Failure } from './rules'
import { catchDefects, runScoped } from './scope'
import { poll, taskRef } from './tasks'

const ofPath = ({ path }: { readonly path: DrivePath }): DrivePath => path

const copyDir =
  (context: DriveContext, parents: Parents) =>
  (from: DrivePath, to: DrivePath, options: ConflictOptions & WaitOptions<boolean> = {}) => {
    const { vendor, operations } = context
    return runScoped(
      {
        ...{ vendor, verb: 'copyDir', inputs: { from, to, options } },
        errorPath: (inputs, fault) => errorPath(inputs.from, inputs.to)(fault),
      },
      async ({ from, to, options }, scope): Promise<E.Either<Failure, Placed | Accepted<'copyDir'>>> => {
        const { conflict = 'ask', wait = true } = options
        const call: Call = { signal: scope.signal, wait }
        const run = operations.copyDir
        if (run === undefined) return E.left(unsupported({ feature: 'operations.copyDir' }))
        const refused = copyDirFault(context, from, to, conflict)
        if (refused !== undefined) return E.left(refused)
        if (from === to && conflict !== 'rename') {
          const found = await catchDefects(() => operations.stat(from, call))
          if (E.isLeft(found)) return found
          const isDirectory = found.right.kind === 'directory'
          return E.left(isDirectory ? nameConflict({ existing: found.right }) : wrongKind({ expected: 'directory' }))
        }
        const target = { operation: 'copyDir', path: to, from, parents: options.parents } as const
        const result = await withParents(context, parents, target, call, () => run(from, to, conflict, call))
        if (E.isLeft(result) || !('state' in result.right)) return result as E.Either<Failure, Placed>
        const task = taskRef(vendor, 'copyDir', { from, to }, result.right.state)
        if (!wait) return E.right({ task })
        return E.map((settled) => settled as Placed)(await poll(context, task, result.right.state, scope.signal))
      },
    )
  }

export const directoryVerbs = (
  context: DriveContext,
  parents: Parents,
): Pick<DriveProvider, 'stat' | 'list' | 'createDir' | 'copyDir' | 'usage'> => {
  const { vendor, operations } = context
  return {
    stat: (path, options = {}) =>
      runScoped({ vendor, verb: 'stat', inputs: { path, options }, errorPath: ofPath }, ({ path }, { signal }) =>
        operations.stat(path, { signal, wait: true })(),
      ),
    list: (path, options = {}) =>
      runScoped(
        { vendor, verb: 'list', inputs: { path, options }, errorPath: ofPath },
        async ({ path, options }, { signal }) => {
          const page = await operations.list(path, rawPage(context, options), { signal, wait: true })()
          if (E.isLeft(page) || options.temporaries === 'show') return page
          return E.right({ ...page.right, items: page.right.items.filter(({ name }) => !isTemporary(name)) })
        },
      ),
    createDir: (path, options = {}) =>
      runScoped(
        { vendor, verb: 'createDir', inputs: { path, options }, errorPath: ofPath },
        async ({ path, options: { conflict = 'ask', parents: how, createdAt, modifiedAt } }, { signal }) => {
          const refused = createDirFault(context, path, conflict)
          if (refused !== undefined) return E.left(refused)
          const call: Call = { signal, wait: true }
          return withParents(context, parents, { operation: 'createDir', path, parents: how }, call, () =>
            operations.createDir(path, { conflict, createdAt, modifiedAt }, call),
          )
        },
      ),
    copyDir: copyDir(context, parents) as DriveProvider['copyDir'],
    usage: (options = {}) =>
      runScoped({ vendor, verb: 'usage', inputs: { options } }, (_, { signal }) =>
        operations.usage === undefined
          ? Promise.resolve(E.left(unsupported({ feature: 'operations.usage' })))
          : operations.usage({ signal, wait: true })(),
      ),
  }
}
