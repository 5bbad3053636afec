// Missing parents: made when the vendor misses them, one flight per directory however many operations want it.
import * as E from 'fp-ts/Either'
import type { Capabilities } from './capabilities'
import { notFound, unavailable, wrongKind, type DriveError, type Fault } from './errors'
import { namingFault } from './naming'
import type { Always, Call } from './operations'
import { ancestorsOf, isInside, parentOf, root, type DrivePath } from './path'
import { settle } from './scope'

type Outcome = E.Either<Fault | DriveError, void>
const done: Outcome = E.right(undefined)

export interface Parents {
  /** Makes the parent of `path` and whatever it needs; `at` is the first missing directory, where the vendor said. */
  readonly makeFor: (path: DrivePath, at: DrivePath | undefined) => Promise<Outcome>
  /** `NotFound('parent')` or `WrongKind` unless the parent is a directory that exists. */
  readonly requireFor: (path: DrivePath, call: Call) => Promise<Outcome>
}

export const parentsOf = (capabilities: Capabilities, operations: Pick<Always, 'createDir' | 'stat'>): Parents => {
  const flights = new Map<DrivePath, Promise<Outcome>>()
  // A flight serves many callers, so no one caller's abort ends it.
  const call: Call = { signal: new AbortController().signal, wait: true }

  const isDirectory = async (dir: DrivePath): Promise<Outcome> => {
    const found = await operations.stat(dir, call)()
    if (E.isRight(found))
      return found.right.kind === 'directory' ? done : E.left(wrongKind({ expected: 'directory', at: dir }))
    return found.left._tag === 'NotFound'
      ? E.left(
          unavailable({ effect: 'none', said: 'a name among the parents is taken, but no entry is listed there yet' }),
        )
      : found
  }

  const create = (dir: DrivePath) => settle(operations.createDir(dir, { conflict: 'ask' }, call))

  const make = async (dir: DrivePath): Promise<Outcome> => {
    const refused = namingFault(capabilities.naming, dir, 'directory')
    if (refused !== undefined) return E.left(refused)
    let made = await create(dir)
    if (E.isLeft(made) && made.left._tag === 'NotFound' && made.left.what === 'parent' && parentOf(dir) !== root) {
      const above = await makeFor(dir, made.left.at)
      if (E.isLeft(above)) return above
      made = await create(dir)
    }
    if (E.isRight(made)) return done
    // Whoever created a directory that exists, it can be the parent.
    if (made.left._tag === 'Indeterminate' && made.left.found?.kind === 'directory') return done
    if (made.left._tag !== 'NameConflict') return made
    return made.left.existing?.kind === 'directory' ? done : isDirectory(dir)
  }

  const ensure = (dir: DrivePath): Promise<Outcome> => {
    const flying = flights.get(dir)
    if (flying !== undefined) return flying
    const flight = make(dir).finally(() => flights.delete(dir))
    flights.set(dir, flight)
    return flight
  }

  const makeFor: Parents['makeFor'] = async (path, at) => {
    const parent = parentOf(path)
    if (parent === root) return done
    const missing =
      at === undefined || !isInside(at, parent)
        ? [parent]
        : [...ancestorsOf(parent), parent].filter((p) => p !== root && isInside(at, p))
    for (const dir of missing) {
      const refused = namingFault(capabilities.naming, dir, 'directory')
      if (refused !== undefined) return E.left(refused)
    }
    for (const dir of missing) {
      const made = await ensure(dir)
      if (E.isLeft(made)) return made
    }
    return done
  }

  const requireFor: Parents['requireFor'] = async (path, own) => {
    const parent = parentOf(path)
    if (parent === root) return done
    const found = await operations.stat(parent, own)()
    if (E.isRight(found))
      return found.right.kind === 'directory' ? done : E.left(wrongKind({ expected: 'directory', at: parent }))
    return found.left._tag === 'NotFound' && found.left.what !== 'space'
      ? E.left(notFound({ what: 'parent', at: parent }))
      : found
  }

  return { makeFor, requireFor }
}
