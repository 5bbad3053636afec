// The jobs of a migration: what each holds, and what is done for it.
import type { Cursor, DirEntry, DriveError, DrivePath, FileEntry } from '@anydrive/core'
import type { Journal, JournalError } from '@anydrive/migrate'
import {
  entryOf,
  type ByteLimit,
  type DirectoryPlace,
  type FoundDirectory,
  type FoundPage,
  type Jobs,
  type Move,
} from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import type { NewJob } from './queue'

/** Entries that a directory job lists before it makes room for others. */
const entriesPerJob = 1000
const filesPerJob = 200
const bytesPerJob = 256 * 2 ** 20
/** Seconds before an entry that another worker holds is tried again. */
const heldFor = 5
/** Directories of the source that a job of a move removes. */
const directoriesPerJob = 500
/** File jobs come before directory jobs, and deeper directories before higher ones, so that few jobs wait. */
const filesFirst = 1_000_000

/** Directories that do not exist at the target yet, the outermost first, and where the one above them went. */
interface Position {
  readonly pending: ReadonlyArray<DirEntry>
  readonly above: DirectoryPlace
  /** Of a move, a file at the target: a walk that comes to it has come to the target. */
  readonly marker?: DrivePath
}
interface DirectoryJob extends Position {
  readonly kind: 'directory'
  /** The last of `pending`, unless it is placed. */
  readonly dir: DirEntry
  /** It is created with the first entry in it. */
  readonly ifUsed: boolean
  readonly depth: number
  readonly cursor?: Cursor
}
interface FilesJob extends Position {
  readonly kind: 'files'
  readonly files: ReadonlyArray<FileEntry>
}
/** The last jobs of a move: of the directories of the source those that are empty are removed, from the last path to the first. */
interface SweepJob {
  readonly kind: 'sweep'
  readonly marker: DrivePath
  /** Those after it were dealt with. */
  readonly before?: DrivePath
}
type JobData = { readonly kind: 'start' } | DirectoryJob | FilesJob | SweepJob

export const startJob: NewJob = { data: { kind: 'start' }, priority: 0 }
export const sweepJob = (data: Omit<SweepJob, 'kind'>, after?: number): NewJob => ({
  data: { ...data, kind: 'sweep' },
  priority: 0,
  after,
})

/** A failure of what has no entry of its own: a directory that cannot be listed, a name that no path can hold. */
export interface FoundProblem {
  readonly path: string
  readonly shownAs?: string
  readonly error: DriveError
}
export interface Worked {
  readonly following: ReadonlyArray<NewJob>
  readonly problems: ReadonlyArray<FoundProblem>
  /** Of a move, once it has begun. */
  readonly marker?: DrivePath
}

export interface Working {
  readonly jobs: Jobs
  /** Of a move: how to remove, with the marker of the job. */
  readonly openMove: (marker: DrivePath | undefined) => Move | undefined
  /** Directories that the migration created or merged at the target, by their paths at the source, the last first; undefined: the lease has lapsed. */
  readonly placedBefore: (before: DrivePath | undefined, count: number) => Promise<ReadonlyArray<DrivePath> | undefined>
  readonly journal: Journal
  readonly bytes: ByteLimit | undefined
  /** Aborts everything under way. */
  readonly signal: AbortSignal
  /** True: nothing new is begun. */
  readonly ending: () => boolean
  /** True: uploads stop at their next part. */
  readonly stopping: () => boolean
  readonly stop: (cause: DriveError | JournalError) => void
  /** Runs the work once a file may be transferred. */
  readonly limited: <A>(work: () => Promise<A>) => Promise<A>
}

const directoryJob = (data: Omit<DirectoryJob, 'kind'>, after?: number): NewJob => ({
  data: { ...data, kind: 'directory' },
  priority: data.depth * 2 + (data.cursor === undefined ? 0 : -1),
  after,
})
const filesJob = ({ pending, above, marker }: Position, files: ReadonlyArray<FileEntry>, after?: number): NewJob => ({
  data: { kind: 'files', pending, above, marker, files },
  priority: filesFirst,
  after,
})

const dirOf = (written: DirEntry): DirEntry => entryOf(written) as DirEntry

/** As it was written by a worker of the same version: the database is as trusted as the program. */
const dataOf = (written: unknown): JobData => {
  const data = written as JobData
  if (data.kind === 'start' || data.kind === 'sweep') return data
  const pending = data.pending.map(dirOf)
  return data.kind === 'directory'
    ? { ...data, pending, dir: dirOf(data.dir) }
    : { ...data, pending, files: data.files.map((file) => entryOf(file) as FileEntry) }
}

/** At most so many files and bytes together; a larger file alone. */
const batches = (files: ReadonlyArray<FileEntry>): ReadonlyArray<ReadonlyArray<FileEntry>> => {
  const all: Array<Array<FileEntry>> = []
  let bytes = Infinity
  for (const file of files) {
    const size = file.size ?? bytesPerJob
    const last = all.at(-1)
    if (last !== undefined && last.length < filesPerJob && bytes + size <= bytesPerJob) {
      last.push(file)
      bytes += size
    } else {
      all.push([file])
      bytes = size
    }
  }
  return all
}

/** With what the entries of one job have in common. */
type MovingWork = Working & { readonly move: Move | undefined }

/** A job of one entry, which stops at the next part of an upload once the job is to end. */
const entryJob = ({ jobs, journal, bytes, signal, ending, stopping, stop, move }: MovingWork) => {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort()
  }
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  const job = jobs.open({
    signal: controller.signal,
    ending,
    bytes,
    move,
    stop: (cause) => {
      stop(cause)
      abort()
    },
    journal: {
      ...journal,
      note: (lease, progress) => async () => {
        const noted = await journal.note(lease, progress)()
        if (E.isRight(noted) && 'upload' in progress && progress.upload !== undefined && stopping()) abort()
        return noted
      },
    },
  })
  return {
    job,
    end: (): void => {
      signal.removeEventListener('abort', abort)
    },
  }
}

const withJob = async <A>(working: MovingWork, work: (job: ReturnType<Jobs['open']>) => Promise<A>): Promise<A> => {
  const { job, end } = entryJob(working)
  try {
    return await work(job)
  } finally {
    end()
  }
}

/** Creates the directories that wait for their first entry; undefined: stopped, or another worker is creating one. */
const placed = async (working: MovingWork, { pending, above }: Position): Promise<DirectoryPlace | undefined> => {
  let place: DirectoryPlace | undefined = above
  for (const entry of pending) {
    const parent: DirectoryPlace = place
    place = await withJob(working, (job) => job.place(entry, parent))
    if (place === undefined) return undefined
  }
  return place
}

const start = async (working: MovingWork): Promise<Worked | undefined> => {
  const started = await withJob(working, (job) => job.start())
  if (E.isLeft(started)) return { following: [], problems: [{ path: working.jobs.run.top, error: started.left }] }
  if (started.right === undefined) return undefined
  const { top, place, ...more } = started.right
  return {
    following: [directoryJob({ dir: top, ifUsed: false, pending: [], above: place, depth: 1, ...more })],
    problems: [],
    ...more,
  }
}

const directory = async (working: MovingWork, given: DirectoryJob): Promise<Worked | undefined> => {
  const { dir, ifUsed, depth, marker } = given
  const above = given.pending.length === 0 || ifUsed ? undefined : await placed(working, given)
  if (above === undefined && given.pending.length > 0 && !ifUsed) return undefined
  const position: Position =
    above === undefined ? given : { pending: [], above, ...(marker === undefined ? {} : { marker }) }
  const directories: Array<FoundDirectory> = []
  const found: Array<FileEntry> = []
  const problems: Array<FoundProblem> = []
  let listed = 0
  let { cursor } = given
  do {
    const from = cursor
    const page = await withJob(working, (job) => job.list(dir, from))
    if (page === undefined) return listed === 0 ? undefined : following(cursor)
    if (E.isLeft(page)) {
      problems.push({ path: dir.path, error: page.left })
      return following(undefined)
    }
    if (!(await others(working, page.right))) return listed === 0 ? undefined : following(cursor)
    directories.push(...page.right.directories)
    found.push(...page.right.files)
    for (const { name, error } of page.right.unnameable) problems.push({ path: dir.path, shownAs: name, error })
    listed += page.right.directories.length + page.right.files.length + 1
    cursor = page.right.next
  } while (cursor !== undefined && listed < entriesPerJob && !working.ending())
  return following(cursor)

  function following(next: Cursor | undefined): Worked {
    const rest = { ...position, dir, ifUsed, depth }
    return {
      following: [
        ...directories.map((child) =>
          directoryJob({
            ...position,
            dir: child.entry,
            ifUsed: child.ifUsed,
            depth: depth + 1,
            pending: [...position.pending, child.entry],
          }),
        ),
        ...batches(found).map((batch) => filesJob(position, batch)),
        ...(next === undefined ? [] : [directoryJob({ ...rest, cursor: next })]),
      ],
      problems,
    }
  }
}

/** False: stopped, or another worker holds one. */
const others = async (working: MovingWork, page: FoundPage): Promise<boolean> => {
  for (const entry of page.others)
    if ((await withJob(working, (job) => job.other(entry, entry.what))) === undefined) return false
  return true
}

const files = async (working: MovingWork, job: FilesJob): Promise<Worked | undefined> => {
  const place = await placed(working, job)
  if (place === undefined) return undefined
  const left: Array<FileEntry> = []
  await Promise.all(
    job.files.map((file) =>
      working.limited(async () => {
        const outcome = working.ending() ? undefined : await withJob(working, (one) => one.file(file, place))
        if (outcome === undefined) left.push(file)
      }),
    ),
  )
  // Also of a job that was begun before and had not come to this: what is settled and still there is removed.
  await working.move?.removal.finish()
  const { marker } = job
  const position: Position = { pending: [], above: place, ...(marker === undefined ? {} : { marker }) }
  return {
    following: left.length === 0 ? [] : [filesJob(position, left, working.ending() ? undefined : heldFor)],
    problems: [],
  }
}

const sweep = async (working: MovingWork, { marker, before }: SweepJob): Promise<Worked | undefined> => {
  const { jobs, move } = working
  const paths = await working.placedBefore(before, directoriesPerJob)
  if (paths === undefined) return undefined
  const last = paths.length < directoriesPerJob ? undefined : paths.at(-1)
  for (const path of paths) await move?.removal.directory(path)
  if (last === undefined) await move?.removal.directory(jobs.run.top)
  await move?.removal.finish()
  if (working.ending()) return undefined
  if (last !== undefined) return { following: [sweepJob({ marker, before: last })], problems: [] }
  await jobs.removeMarker(marker)
  return { following: [], problems: [] }
}

/** The job itself, where nothing could be done: at once if it was to end, or when others may have ended what they hold. */
const again = ({ ending }: Working, data: JobData): Worked => {
  const after = ending() ? undefined : heldFor
  switch (data.kind) {
    case 'start':
      return { following: [{ data, priority: 0, after }], problems: [] }
    case 'directory':
      return { following: [directoryJob(data, after)], problems: [] }
    case 'files':
      return { following: [filesJob(data, data.files, after)], problems: [] }
    case 'sweep':
      return { following: [sweepJob(data, after)], problems: [] }
  }
}

const worked = (working: MovingWork, data: JobData): Promise<Worked | undefined> => {
  switch (data.kind) {
    case 'start':
      return start(working)
    case 'directory':
      return directory(working, data)
    case 'files':
      return files(working, data)
    case 'sweep':
      return sweep(working, data)
  }
}

/** Does the job, and answers what follows from it. */
export const work = async (working: Working, written: unknown): Promise<Worked> => {
  const data = dataOf(written)
  const move = working.openMove(data.kind === 'start' ? undefined : data.marker)
  try {
    return (await worked({ ...working, move }, data)) ?? again(working, data)
  } finally {
    await move?.removal.close()
  }
}
