// The state file: what a gateway needs again after a restart, as one JSON document that is always replaced as a whole.
import { DrivePath } from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Lock } from './locks'

const format = 'anydrive-webdav-state-1'
const lock = t.intersection([
  t.strict({
    root: DrivePath,
    kind: t.union([t.literal('file'), t.literal('directory'), t.literal('other')]),
    depth: t.union([t.literal('0'), t.literal('infinity')]),
    scope: t.union([t.literal('exclusive'), t.literal('shared')]),
    principal: t.string,
    seconds: t.number,
    token: t.string,
    expiresAt: t.number,
  }),
  t.partial({ owner: t.union([t.string, t.undefined]) }),
])
const content = t.strict({
  format: t.literal(format),
  served: t.strict({ vendor: t.string, path: DrivePath }),
  locks: t.array(lock),
  unfinished: t.array(DrivePath),
  /** The process that wrote it. */
  process: t.number,
})
type Content = t.TypeOf<typeof content>

/** Which drive is served, and which directory of it. */
export type Served = Content['served']

export interface State {
  /** The locks of the process before this one. */
  readonly locks: ReadonlyArray<Lock>
  /** Directories in which the process before this one was changing something when it ended. */
  readonly unfinished: ReadonlyArray<DrivePath>
  /** One of them is repaired; the others stay recorded. */
  readonly repaired: (dir: DrivePath) => void
  readonly saveLocks: (locks: () => ReadonlyArray<Lock>) => void
  /** Records that something is about to change in these directories; the result is called when that has ended. */
  readonly begin: (dirs: ReadonlyArray<DrivePath>) => () => void
  readonly close: () => void
}

const nothing = (): undefined => undefined

/** Nothing is recorded, and nothing remembered. */
export const withoutState: State = {
  locks: [],
  unfinished: [],
  repaired: nothing,
  saveLocks: nothing,
  begin: () => nothing,
  close: nothing,
}

const textOfError = (u: unknown, name: 'code' | 'message'): string => {
  const value: unknown = typeof u === 'object' && u !== null ? (u as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : 'unknown'
}
const reason = (u: unknown): string => textOfError(u, 'message')

/** Readable and writable by its owner alone; under its name there is either the old content or the new. */
const replace = (file: string, text: string, survivesPowerCut: boolean): void => {
  const temporary = `${file}.new`
  rmSync(temporary, { force: true })
  const handle = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(handle, text)
    if (survivesPowerCut) fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(temporary, file)
}

const textOf = (file: string): E.Either<string, string | undefined> => {
  try {
    return E.right(readFileSync(file, 'utf8'))
  } catch (error) {
    return textOfError(error, 'code') === 'ENOENT' ? E.right(undefined) : E.left(reason(error))
  }
}

const damaged = 'it is damaged, or is not a state file; restore it, or move it away to start without its locks'

const contentOf = (text: string, served: Served): E.Either<string, Content> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => damaged,
    ),
    E.chain((json) => E.mapLeft(() => damaged)(content.decode(json))),
    E.filterOrElse(
      (it) => it.served.vendor === served.vendor && it.served.path === served.path,
      (it) => `it belongs to another served directory (${it.served.vendor}, /${it.served.path}); choose another file`,
    ),
  )

/** `journal`: without locks, and only as long as something is being changed. */
type Kind = 'state' | 'journal'

/** A file that does not exist is created. A left says why it cannot be used; `log` receives what cannot be written later. */
export const openState = (
  file: string,
  served: Served,
  log: (text: string) => void,
  kind: Kind = 'state',
): E.Either<string, State> => {
  const text = textOf(file)
  if (E.isLeft(text)) return text
  const old: E.Either<string, Content> =
    text.right === undefined
      ? E.right({ format, served, locks: [], unfinished: [], process: process.pid })
      : contentOf(text.right, served)
  if (E.isLeft(old)) return old
  let { locks }: { locks: ReadonlyArray<Lock> } = old.right
  const active = new Map<DrivePath, number>()
  let written: ReadonlySet<DrivePath> = new Set(old.right.unfinished)

  const save = (): E.Either<string, void> =>
    E.tryCatch(() => {
      const unfinished = [...active.keys()]
      const all: Content = { format, served, locks: [...locks], unfinished, process: process.pid }
      replace(file, `${JSON.stringify(all)}\n`, kind === 'state')
      written = new Set(unfinished)
    }, reason)
  const saveOrLog = (): void => {
    const saved = save()
    if (E.isLeft(saved)) log(`the state could not be written to ${file}: ${saved.left}`)
  }
  const count = (dir: DrivePath, by: number): void => {
    const next = (active.get(dir) ?? 0) + by
    if (next > 0) active.set(dir, next)
    else active.delete(dir)
  }
  const begin: State['begin'] = (dirs) => {
    for (const dir of dirs) count(dir, 1)
    // A directory that stays recorded for longer is only looked at once more.
    if (dirs.some((dir) => !written.has(dir))) saveOrLog()
    return () => {
      for (const dir of dirs) count(dir, -1)
    }
  }
  for (const dir of written) count(dir, 1)
  return E.map((): State => ({
    locks,
    unfinished: old.right.unfinished,
    repaired: (dir) => {
      count(dir, -1)
    },
    saveLocks: (all) => {
      if (kind === 'journal') return
      locks = all()
      saveOrLog()
    },
    begin,
    close: () => {
      if (kind === 'journal' && active.size === 0) rmSync(file, { force: true })
      else saveOrLog()
    },
  }))(save())
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return textOfError(error, 'code') === 'EPERM'
  }
}

/** Of this user, and of no other process that still runs. */
const isFree = (file: string, served: Served): boolean => {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (stats === undefined) return true
  if (!stats.isFile() || stats.uid !== (process.getuid?.() ?? stats.uid)) return false
  const old = pipe(
    textOf(file),
    E.chain((text) => contentOf(text ?? '', served)),
  )
  return E.isRight(old) && (old.right.process === process.pid || !isRunning(old.right.process))
}

/** For a file that the user did not name: changes are recorded there unless it belongs to another process, or cannot be used. */
export const openJournal = (file: string, served: Served): State => {
  const opened = E.flatten(
    E.tryCatch(() => (isFree(file, served) ? openState(file, served, nothing, 'journal') : E.left('not free')), reason),
  )
  return E.isLeft(opened) ? withoutState : opened.right
}
