// Directories of this machine, held open so that nobody can swap one for a link between our looking at it and our using it.
import * as E from 'fp-ts/Either'
import { constants, existsSync } from 'node:fs'
import { lstat, open, stat } from 'node:fs/promises'
import {
  ancestorsOf,
  invalidPath,
  nameOf,
  notFound,
  parentOf,
  root as rootPath,
  wrongKind,
  type DrivePath,
  type Fault,
} from '@anydrive/core'
import { trying, type Answer } from './faults'
import { isRepresentable, type Name } from './names'

export interface Dir {
  /** The directory itself, for the system. */
  readonly self: string | Buffer
  /** An entry of it, for the system. */
  readonly at: (name: Name) => string | Buffer
  readonly close: () => Promise<void>
}

export interface Obstacle {
  readonly why: 'missing' | 'not a directory'
  readonly at: DrivePath
}

// Opens a directory as a mere place, which needs no permission to read it; Node does not name the flag.
const O_PATH = 0o10000000
const asPlace = O_PATH | constants.O_DIRECTORY

let proc: boolean | undefined
/** Linux names an open directory, whatever becomes of its path: what `openat(2)` is to other languages. */
const byHandle = (): boolean => (proc ??= process.platform === 'linux' && existsSync('/proc/self/fd'))

const entryOf =
  (self: string | Buffer) =>
  (name: Name): string | Buffer =>
    typeof self === 'string' && typeof name === 'string'
      ? `${self}/${name}`
      : Buffer.concat([Buffer.from(self), Buffer.from('/'), Buffer.from(name)])

const held = async (path: string | Buffer, flags: number): Promise<Dir> => {
  const handle = await open(path, flags)
  const self = `/proc/self/fd/${handle.fd}`
  return { self, at: entryOf(self), close: () => handle.close() }
}

const unheld = (self: string | Buffer): Dir => ({ self, at: entryOf(self), close: () => Promise.resolve() })

type Why = Obstacle['why']
const obstacles = {
  ENOENT: 'missing',
  ENAMETOOLONG: 'missing',
  ENOTDIR: 'not a directory',
  ELOOP: 'not a directory',
} as const
const codes = ['ENOENT', 'ENAMETOOLONG', 'ENOTDIR', 'ELOOP'] as const

const opened = async (
  path: string | Buffer,
  flags: number,
  look: typeof lstat | typeof stat,
): Promise<E.Either<Why, Dir>> => {
  if (byHandle())
    return E.mapLeft((code: keyof typeof obstacles) => obstacles[code])(await trying(held(path, flags), ...codes))
  const found = await trying(look(path), ...codes)
  if (E.isLeft(found)) return E.left(obstacles[found.left])
  return found.right.isDirectory() ? E.right(unheld(path)) : E.left('not a directory')
}

/** Never through a link. The caller closes it. */
export const openChild = (dir: Dir, name: Name): Promise<E.Either<Why, Dir>> =>
  opened(dir.at(name), asPlace | constants.O_NOFOLLOW, lstat)

/** The root may be a link: who wrote the settings said so. */
const openRoot = async (root: string): Answer<Dir> =>
  E.mapLeft((why: Why): Fault => {
    const said = why === 'missing' ? `there is no directory ${root}` : `${root} is not a directory`
    return notFound({ what: 'space', said })
  })(await opened(root, asPlace, stat))

/** The directory is closed when `use` has ended, however it does. */
export const withDir = async <A>(
  root: string,
  path: DrivePath,
  refuse: (obstacle: Obstacle) => Fault,
  use: (dir: Dir) => Answer<A>,
): Answer<A> => {
  const start = await openRoot(root)
  if (E.isLeft(start)) return start
  let dir = start.right
  try {
    const below = path === rootPath ? [] : [...ancestorsOf(path), path].slice(1)
    for (const at of below) {
      const name = nameOf(at)
      const next = isRepresentable(name) ? await openChild(dir, name) : E.left('missing' as const)
      if (E.isLeft(next)) return E.left(refuse({ why: next.left, at }))
      const above = dir
      dir = next.right
      await above.close()
    }
    return await use(dir)
  } finally {
    await dir.close()
  }
}

const asSource = (): Fault => notFound({ what: 'source' })
const asParent = ({ why, at }: Obstacle): Fault =>
  why === 'missing' ? notFound({ what: 'parent', at }) : wrongKind({ expected: 'directory', at })

/** The directory of an entry that is to be there. */
export const withSource = <A>(root: string, path: DrivePath, use: (dir: Dir, name: string) => Answer<A>): Answer<A> =>
  withDir(root, parentOf(path), asSource, (dir) =>
    isRepresentable(nameOf(path)) ? use(dir, nameOf(path)) : Promise.resolve(E.left(asSource())),
  )

/** The directory of an entry that is to be made. */
export const withTarget = <A>(root: string, path: DrivePath, use: (dir: Dir, name: string) => Answer<A>): Answer<A> =>
  isRepresentable(nameOf(path))
    ? withDir(root, parentOf(path), asParent, (dir) => use(dir, nameOf(path)))
    : Promise.resolve(E.left(invalidPath({ reason: 'the name is not well-formed Unicode' })))
