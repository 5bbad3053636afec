// Names and directories of this machine. A directory is held open, so that nobody can swap it for a link between the check and its use.
import * as E from 'fp-ts/Either'
import { isUtf8 } from 'node:buffer'
import { closeSync, constants, existsSync, open as openByCallback, readlinkSync } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { ancestorsOf, nameOf, parentOf, root as rootPath, type DrivePath, type Fault } from '@anydrive/core'
import { invalidPath, notFound, wrongKind } from '@anydrive/core/adapter'
import { codeOf, NotFlushed, trying, type Result } from './errors'

/** Bytes where the name is not valid UTF-8: an entry that no path leads to, yet is copied and removed with its directory. */
export type Name = string | Buffer

/** A lone surrogate has no UTF-8; dots and separators would lead elsewhere, if a path that was never parsed had them. */
const leadsElsewhere = process.platform === 'win32' ? /[\0/\\:]/ : /[\0/]/
const isRepresentable = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !leadsElsewhere.test(name) && Buffer.from(name).toString() === name

export const decoded = (bytes: Buffer): Name => (isUtf8(bytes) ? bytes.toString('utf8') : bytes)

export interface Dir {
  /** The directory itself, for the system. */
  readonly self: string | Buffer
  /** An entry of it, for the system. */
  readonly at: (name: Name) => string | Buffer
  readonly close: () => Promise<void> | void
}

export interface Obstacle {
  readonly why: 'missing' | 'not a directory'
  readonly at: DrivePath
}

// Opens a directory as a location only, which needs no permission to read it; Node does not name the flag.
const O_PATH = 0o10000000
const asLocation = O_PATH | constants.O_DIRECTORY

let proc: boolean | undefined
/** Linux has a path for an open directory, whatever becomes of its own: this does the work of `openat(2)`. */
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
  statOf: typeof lstat | typeof stat,
): Promise<E.Either<Why, Dir>> => {
  if (byHandle())
    return E.mapLeft((code: keyof typeof obstacles) => obstacles[code])(await trying(held(path, flags), ...codes))
  const found = await trying(statOf(path), ...codes)
  if (E.isLeft(found)) return E.left(obstacles[found.left])
  return found.right.isDirectory() ? E.right(unheld(path)) : E.left('not a directory')
}

/** Never through a link. The caller closes it. */
export const openChild = (dir: Dir, name: Name): Promise<E.Either<Why, Dir>> =>
  opened(dir.at(name), asLocation | constants.O_NOFOLLOW, lstat)

const pathBelow = (root: string, path: DrivePath): string =>
  path === rootPath ? root : `${root === '/' ? '' : root}/${path}`

/** No part of the path was a link, if the system calls what was opened by that very path. It answers from memory, and does not wait for a disk. */
const isStraight = (fd: number, path: string): boolean => readlinkSync(`/proc/self/fd/${fd}`) === path

const openFd = promisify(openByCallback)

/** A directory by one open(2); undefined where there is a link in its path, or no directory. */
const openStraight = async (root: string, path: DrivePath): Promise<Dir | undefined> => {
  if (!byHandle()) return undefined
  const full = pathBelow(root, path)
  const fd = await openFd(full, asLocation | constants.O_NOFOLLOW).catch(() => undefined)
  if (fd === undefined) return undefined
  // Closing a location does not wait for a disk either.
  const close = (): void => {
    closeSync(fd)
  }
  const self = `/proc/self/fd/${fd}`
  if (isStraight(fd, full)) return { self, at: entryOf(self), close }
  close()
  return undefined
}

/** The same of a file. What is no file is opened as well. */
export const openFileStraight = async (
  root: string,
  path: DrivePath,
  flags: number,
): Promise<FileHandle | undefined> => {
  if (!byHandle()) return undefined
  const full = pathBelow(root, path)
  const handle = await open(full, flags | constants.O_NOFOLLOW).catch(() => undefined)
  if (handle === undefined || isStraight(handle.fd, full)) return handle
  await handle.close()
  return undefined
}

/** The root may be a link, since it was chosen in the settings. */
const openRoot = async (root: string): Result<Dir> =>
  E.mapLeft((why: Why): Fault => {
    const said = why === 'missing' ? `there is no directory ${root}` : `${root} is not a directory`
    return notFound({ what: 'space', said })
  })(await opened(root, asLocation, stat))

/** The directory is closed when `use` has ended, however it does. */
export const withDir = async <A>(
  root: string,
  path: DrivePath,
  refuse: (obstacle: Obstacle) => Fault,
  use: (dir: Dir) => Result<A>,
): Result<A> => {
  const straight = await openStraight(root, path)
  if (straight !== undefined) {
    try {
      return await use(straight)
    } finally {
      await straight.close()
    }
  }
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

/** The directory of an entry that must exist. */
export const withSource = <A>(root: string, path: DrivePath, use: (dir: Dir, name: string) => Result<A>): Result<A> =>
  withDir(root, parentOf(path), asSource, (dir) =>
    isRepresentable(nameOf(path)) ? use(dir, nameOf(path)) : Promise.resolve(E.left(asSource())),
  )

/** The directory of an entry that is to be created. */
export const withTarget = <A>(root: string, path: DrivePath, use: (dir: Dir, name: string) => Result<A>): Result<A> =>
  isRepresentable(nameOf(path))
    ? withDir(root, parentOf(path), asParent, (dir) => use(dir, nameOf(path)))
    : Promise.resolve(E.left(invalidPath({ reason: 'the name is not well-formed Unicode' })))

/** Flushes a directory to the disk after its entries changed. File systems that cannot do this are left alone; a failure is `NotFlushed`. */
export const flushDir = async (dir: Dir, wanted: boolean): Promise<void> => {
  if (!wanted || process.platform === 'win32') return
  try {
    const handle = await open(dir.self, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await trying(handle.sync(), 'EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR')
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new NotFlushed(codeOf(error))
  }
}
