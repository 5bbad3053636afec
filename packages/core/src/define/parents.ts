// Missing parents: created when the service misses them, once per directory however many operations need it.
import * as E from 'fp-ts/Either'
import { notFound, unavailable, wrongKind } from '../contract/errors'
import { ancestorsOf, isInside, parentOf, root, type DrivePath } from '../contract/path'
import { neverAborted } from '../contract/time'
import type { RawResult, Call, DriveContext, Placing } from './context'
import { namingFault, type Failure } from './rules'
import { catchDefects } from './scope'

type Outcome = E.Either<Failure, void>
const done: Outcome = E.right(undefined)

export interface Parents {
  /** Creates the parent of `path` and whatever it needs; `at` is the first missing directory, where the service said so. */
  readonly createFor: (path: DrivePath, at: DrivePath | undefined) => Promise<Outcome>
  /** `NotFound('parent')` or `WrongKind` unless the parent is a directory that exists. */
  readonly requireFor: (path: DrivePath, call: Call) => Promise<Outcome>
}

// One creation serves many callers, so that no one caller's abort may end it.
const call: Call = { signal: neverAborted, wait: true }

export const parentsOf = ({ capabilities, operations }: DriveContext): Parents => {
  const running = new Map<DrivePath, Promise<Outcome>>()

  const isDirectory = async (dir: DrivePath, own: Call, missing: Failure): Promise<Outcome> => {
    const found = await catchDefects(() => operations.stat(dir, own))
    if (E.isLeft(found)) return found.left._tag === 'NotFound' && found.left.what !== 'space' ? E.left(missing) : found
    return found.right.kind === 'directory' ? done : E.left(wrongKind({ expected: 'directory', at: dir }))
  }

  const create = async (dir: DrivePath): Promise<Outcome> => {
    const attempt = () => catchDefects(() => operations.createDir(dir, { conflict: 'ask' }, call))
    let created = await attempt()
    if (E.isLeft(created) && created.left._tag === 'NotFound' && created.left.what === 'parent') {
      const above = await createFor(dir, created.left.at)
      if (E.isLeft(above)) return above
      if (parentOf(dir) !== root) created = await attempt()
    }
    if (E.isRight(created)) return done
    // Whoever created a directory that exists, it can be the parent.
    if (created.left._tag === 'Indeterminate') return isDirectory(dir, call, created.left)
    if (created.left._tag !== 'NameConflict') return created
    if (created.left.existing?.kind === 'directory') return done
    const said = 'a name among the parents is taken, but no entry is listed there yet'
    return isDirectory(dir, call, unavailable({ effect: 'none', said }))
  }

  const createOnce = (dir: DrivePath): Promise<Outcome> => {
    const same = running.get(dir)
    if (same !== undefined) return same
    const started = create(dir).finally(() => running.delete(dir))
    running.set(dir, started)
    return started
  }

  const createFor: Parents['createFor'] = async (path, at) => {
    const parent = parentOf(path)
    const missing =
      at === undefined || !isInside(at, parent)
        ? [parent]
        : [...ancestorsOf(parent), parent].filter((dir) => isInside(at, dir))
    const wanted = missing.filter((dir) => dir !== root)
    for (const dir of wanted) {
      const refused = namingFault(capabilities.naming, dir, 'directory')
      if (refused !== undefined) return E.left(refused)
    }
    for (const dir of wanted) {
      const created = await createOnce(dir)
      if (E.isLeft(created)) return created
    }
    return done
  }

  return {
    createFor,
    requireFor: (path, own) => {
      const parent = parentOf(path)
      return parent === root
        ? Promise.resolve(done)
        : isDirectory(parent, own, notFound({ what: 'parent', at: parent }))
    },
  }
}

/** `NotFound('source')` where the source is what is missing, so that no parent of the target is created for it. */
export const sourceFault = async (
  { operations }: DriveContext,
  from: DrivePath,
  call: Call,
): Promise<Failure | undefined> => {
  const found = await catchDefects(() => operations.stat(from, { ...call, wait: true }))
  if (E.isRight(found)) return undefined
  return found.left._tag === 'NotFound' && found.left.what !== 'space' ? notFound({ what: 'source' }) : found.left
}

export interface Target {
  readonly operation: Placing
  readonly path: DrivePath
  readonly parents: 'create' | 'require' | undefined
  /** Of a copy. */
  readonly from?: DrivePath
}

/**
 * The operation with its target's parents. Under `require` core checks them first where the service would create them; otherwise a parent that
 * the service misses is created, and the operation sent once more.
 */
export const withParents = async <A>(
  context: DriveContext,
  parents: Parents,
  { operation, path, from, ...target }: Target,
  call: Call,
  run: () => RawResult<A>,
): Promise<E.Either<Failure, A>> => {
  if (target.parents === 'require' && context.options.impliedParents?.includes(operation) === true) {
    const exists = await parents.requireFor(path, call)
    if (E.isLeft(exists)) return exists
  }
  const first = await catchDefects(() => run())
  if (target.parents === 'require' || E.isRight(first)) return first
  if (first.left._tag !== 'NotFound' || first.left.what !== 'parent' || call.signal.aborted) return first
  const missing = from === undefined ? undefined : await sourceFault(context, from, call)
  if (missing !== undefined) return E.left(missing)
  const created = await parents.createFor(path, first.left.at)
  return E.isLeft(created) ? created : catchDefects(() => run())
}
