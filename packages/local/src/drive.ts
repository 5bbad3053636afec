// A directory of this machine as a drive, in the order of the interface.
import * as E from 'fp-ts/Either'
import { realpathSync } from 'node:fs'
import { lutimes, mkdir, statfs } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import {
  nameOf,
  parsePath,
  root as rootPath,
  type DirEntry,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Made,
  type OptionalVerbs,
  type Placed,
  type Removed,
  type Environment,
  type Times,
  type Usage,
} from '@anydrive/core'
import {
  aborted,
  defineAdapter,
  defineDrive,
  nameConflict,
  notFound,
  preconditionFailed,
  unsupported,
  wrongKind,
  type Call,
  type RawOutcome,
  type ResolvedRemoval,
} from '@anydrive/core/adapter'
import { keyedMutex, mapLimit } from '@anydrive/kit'
import { flushDir, withDir, withSource, withTarget, type Dir, type Obstacle } from './directories'
import { dirEntry, lookup, toEntry, versionOf } from './entries'
import { catching, trying, type Result } from './errors'
import { createListing, type Listing } from './listing'
import { place, type Context, type Target } from './place'
import { readFile } from './reading'
import { removeTree } from './removing'
import { capabilities, LocalSettings } from './settings'
import { settableDate, settableTime } from './times'
import { copyOne, moveOne } from './transfer'
import { writeFile } from './writing'

const missing = () => notFound({ what: 'source' })

const stat = ({ root }: Context, path: DrivePath): Result<Entry> =>
  catching(() =>
    path === rootPath
      ? withDir(root, path, missing, async (dir) => {
          const stats = await lookup(dir, '.')
          return stats === undefined ? E.left(missing()) : E.right(dirEntry(path, stats))
        })
      : withSource(root, path, async (dir, name) => {
          const stats = await lookup(dir, name)
          return stats === undefined ? E.left(missing()) : E.right(toEntry(path, stats))
        }),
  )

const list = ({ root }: Context, listing: Listing, path: DrivePath, page: Parameters<Listing['page']>[2]) => {
  const refuse = ({ why, at }: Obstacle) =>
    at === path && why === 'not a directory' ? wrongKind({ expected: 'directory' }) : missing()
  return catching(() => withDir(root, path, refuse, (dir) => listing.page(dir, path, page)))
}

const createDir = ({ root, fsync }: Context, path: DrivePath, conflict: Target['conflict']): Result<Made<DirEntry>> =>
  catching(
    () =>
      withTarget(root, path, async (dir) => {
        const placed = await place(
          { dir, path, conflict },
          {
            kind: 'directory',
            take: async (name) => (E.isRight(await trying(mkdir(dir.at(name)), 'EEXIST')) ? 'done' : 'taken'),
            replace: () => Promise.resolve(),
          },
        )
        if (E.isLeft(placed)) return placed
        await flushDir(dir, fsync)
        const { path: at, how } = placed.right
        const stats = await lookup(dir, nameOf(at))
        return stats?.isDirectory() === true
          ? E.right({ ...dirEntry(at, stats), how, replaced: false })
          : E.left(nameConflict(stats === undefined ? {} : { existing: toEntry(at, stats) }))
      }),
    'parent',
  )

const removeOne = (
  { root, fsync, exclusively }: Context,
  { path, ifVersion }: ResolvedRemoval,
  { signal }: Call,
): Result<Removed> =>
  catching(() =>
    withSource(root, path, (dir, name) =>
      exclusively(path, async (): Result<Removed> => {
        const stats = await lookup(dir, name)
        if (stats === undefined) return E.left(missing())
        if (ifVersion !== undefined && !(stats.isFile() && versionOf(stats) === ifVersion))
          return E.left(preconditionFailed())
        const removed = await removeTree({ dir, name }, path, signal)
        await flushDir(dir, fsync)
        return E.map((): Removed => ({ path, how: 'erased' }))(removed)
      }),
    ),
  )

/** The time of last access stays; that of creation cannot be set. Of a link, its own times. */
const setTimes = ({ root }: Context, path: DrivePath, { modifiedAt }: Times): Result<void> =>
  catching(() => {
    if (modifiedAt === undefined) return Promise.resolve(E.left(unsupported({ feature: 'operations.setTimes' })))
    const set = async (dir: Dir, name: string): Result<void> => {
      const stats = await lookup(dir, name)
      if (stats === undefined) return E.left(missing())
      await lutimes(dir.at(name), settableTime(stats.atimeNs), settableDate(modifiedAt))
      return E.right(undefined)
    }
    return path === rootPath ? withDir(root, path, missing, (dir) => set(dir, '.')) : withSource(root, path, set)
  })

/** One after another; after an abort the remaining items are not attempted. */
const inOrder = async <I, A extends object>(
  items: ReadonlyArray<I>,
  { signal }: Call,
  run: (item: I) => Result<A>,
): Result<ReadonlyArray<RawOutcome<A>>> =>
  E.right(
    await mapLimit(items, 1, async (item): Promise<RawOutcome<A>> => {
      if (signal.aborted) return { status: 'failed', fault: aborted({ effect: 'none' }), attempted: false }
      const result = await run(item)
      return E.isRight(result)
        ? { status: 'done', ...result.right }
        : { status: 'failed', fault: result.left, attempted: true }
    }),
  )

/** Of the whole file system that the root lies on. */
const usage = ({ root }: Context): Result<Usage> =>
  catching(() =>
    withDir(root, rootPath, missing, async (dir) => {
      const { bsize, blocks, bfree } = await statfs(dir.self, { bigint: true })
      return E.right({ used: Number((blocks - bfree) * bsize), capacity: Number(blocks * bsize) })
    }),
  )

export type LocalDrive = DriveProvider &
  Pick<OptionalVerbs, 'setTimes'> & {
    readonly capabilities: ReturnType<typeof capabilities>
    /** The path, in this drive, of a file of this machine that need not exist; undefined where it lies outside the drive. */
    readonly pathOf: (file: string) => DrivePath | undefined
  }

/** With links resolved; the last name may be missing. */
const realPath = (file: string): string => {
  try {
    return realpathSync(file)
  } catch {
    const dir = dirname(file)
    return dir === file ? file : join(realPath(dir), basename(file))
  }
}

const pathIn = (root: string, file: string): DrivePath | undefined => {
  const path = relative(realPath(root), realPath(resolve(file)))
  if (path === '' || path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path) return undefined
  return E.getOrElse((): DrivePath | undefined => undefined)(parsePath(path.split(sep).join('/')))
}

export const openLocal = (settings: LocalSettings, environment: Environment = {}): LocalDrive => {
  const mutex = keyedMutex()
  const context: Context = {
    root: resolve(settings.root),
    fsync: settings.fsync ?? true,
    exclusively: (path, run) => mutex(path, run)(),
  }
  const listing = createListing()
  const drive = defineDrive(
    'local',
    capabilities(settings),
    {
      stat: (path) => () => stat(context, path),
      list: (path, page) => () => list(context, listing, path, page),
      createDir:
        (path, { conflict }) =>
        () =>
          createDir(context, path, conflict),
      copyDir: (from, to, conflict, call) => () => copyOne(context, { from, to, conflict }, call, 'directory'),
      batchMove: (items, call) => () =>
        inOrder<Transferred, Placed>(items, call, (item) => moveOne(context, item, call)),
      batchCopy: (items, call) => () =>
        inOrder<Transferred, Placed>(items, call, (item) => copyOne(context, item, call)),
      batchRemove: (items, _how, call) => () => inOrder(items, call, (item) => removeOne(context, item, call)),
      readFile: (path, how, call) => () => readFile(context.root, path, how, call),
      writeFile: (path, source, how, call) => () => writeFile(context, path, { source, how, call }),
      // An upload that ended leaves nothing behind, so there is nothing to free.
      abandonUpload: () => () => Promise.resolve(E.right(undefined)),
      usage: () => () => usage(context),
      setTimes: (path, times) => () => setTimes(context, path, times),
    },
    environment,
  )
  return { ...drive, pathOf: (file) => pathIn(context.root, file) }
}

type Transferred = Parameters<typeof moveOne>[1]

export const local = defineAdapter({
  type: 'local',
  settings: LocalSettings,
  capabilities,
  open: openLocal,
})
