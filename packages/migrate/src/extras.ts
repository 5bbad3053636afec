// What the target has and the source has not: both trees listed side by side, once everything has arrived.
import { child, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import { isTemporary, locate, preconditionFailed, stemOf, useOf, wrongKind } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Scratch } from './external-sort'
import { markerIn } from './markers'
import { encoder, namesFor, type Names } from './names/names-for'
import type { MigrateOptions } from './options'
import type { OwnFiles } from './own-files'
import { oneName } from './plan/one-name'
import { siblings, type Pair } from './siblings'
import { skippedError } from './skipped'
import type { ScratchError } from './temp-file'

/** An entry of the target without a counterpart at the source, or one that makes room or made room for one of another kind. */
export interface Extra {
  readonly entry: Entry
  /** Where its counterpart would be. */
  readonly source: DrivePath
}
export type ExtraFound =
  | ({ readonly status: 'extra' } & Extra)
  /** An entry of the source without a counterpart at the target, or one of another kind. */
  | { readonly status: 'missing'; readonly source: Entry; readonly to: DrivePath | undefined }
  /** A directory that cannot be listed, a name that no path can hold, or what is neither file nor directory. */
  | {
      readonly status: 'unknown'
      readonly side: 'source' | 'target'
      readonly path: DrivePath
      readonly error: DriveError
      /** The name that no path can hold, in the directory `path`. */
      readonly name?: string
    }
  /** What shows whether two places are one, left at the target by a sync that was killed, or of this one. */
  | { readonly status: 'marker'; readonly path: DrivePath }
  /** Nothing more follows. */
  | { readonly status: 'broken'; readonly error: ScratchError }

export interface ExtrasOptions {
  readonly from: { readonly drive: DriveProvider; readonly dir: DrivePath }
  readonly to: { readonly drive: DriveProvider; readonly dir: DrivePath }
  readonly names: Names
  readonly include: NonNullable<MigrateOptions['include']>
  readonly own: { readonly source: OwnFiles; readonly target: OwnFiles }
  /** Also what is below a directory that the target has not. */
  readonly allMissing?: boolean | undefined
  /** An entry of another kind than that of the source is extra, with all below it; otherwise the one of the source is missing. */
  readonly otherKinds?: boolean | undefined
  /** True where the source is known to have had entries: if it has none now, it is not to be trusted, for example because its disk is no longer mounted. */
  readonly hadEntries?: (() => boolean) | undefined
  readonly signal?: AbortSignal | undefined
  readonly scratch?: Scratch | undefined
}

/** A directory that is being compared. */
interface Level {
  readonly source: DrivePath
  readonly isAtSource: boolean
  readonly to: DrivePath
  readonly isAtTarget: boolean
  /** It makes room or made room for an entry of another kind: temporaries in it are extra as well. */
  readonly isReplaced: boolean
  /** It matches no filter itself, and is removed only with the first entry that is removed below it. */
  pending: Extra | undefined
}
type Group = { readonly sources: Array<Entry>; readonly targets: Array<Entry> }

/** Pairs those of one name first; a remaining entry of the source takes one of the target that may be its name in another spelling. */
const paired = ({ sources, targets }: Group, spelled: (name: string) => string) => {
  const free = [...targets]
  const take = (index: number): Entry | undefined => (index < 0 ? undefined : free.splice(index, 1)[0])
  const exact = sources.map((a) => ({ a, b: take(free.findIndex((it) => it.name === spelled(a.name))) }))
  const pairs = exact.map(({ a, b }) => ({ a, b: b ?? take(free.length - 1) }))
  return { pairs, extra: free }
}

/** The name before the entry made room for another one; undefined of any other temporary. */
export const finalNameOf = (dir: DrivePath, name: string): string | undefined => {
  if (!isTemporary(name)) return name
  const stem = stemOf(name) ?? ''
  const path = child(dir, stem)
  return E.isRight(path) && useOf(name, path.right) === 'aside' ? stem : undefined
}

const emptied = (vendor: string, path: DrivePath): DriveError => ({
  ...locate({ vendor, operation: 'list', path })(preconditionFailed()),
  message: `/${path}: the source had entries, and has none any more. Check that it is still there`,
})

const notRemovable = (vendor: string, { path, ...entry }: Entry): DriveError => ({
  ...locate({ vendor, operation: 'batchRemove', path })(wrongKind({ expected: 'file' })),
  message: `/${path}: not removed (${'what' in entry ? entry.what : entry.kind}); only files and directories are`,
})

/**
 * Everything that is extra, a directory before what is in it. Excluded entries, temporary entries of anydrive and the files of the migration itself are never extra, and neither
 * is an entry that the target may have respelled. Memory does not grow with the trees.
 */
export async function* extras(options: ExtrasOptions): AsyncGenerator<ExtraFound, void> {
  const { from, to, names, include, own, allMissing = false, otherKinds = false, hadEntries, signal, scratch } = options
  const { naming } = to.drive.capabilities
  const { toDestination } = namesFor(names, naming)
  const spelled = (name: string): string => E.getOrElse(() => name)(toDestination(name))
  const decoded = names === 'encode' ? encoder(naming).decode : (name: string) => name
  const fold = oneName(naming).key
  const keys = {
    source:
      fold === undefined && names === 'refuse' ? undefined : (name: string) => (fold ?? ((it) => it))(spelled(name)),
    target: fold,
  }
  /** The entry as the source would have it, for the filters. */
  const asSource = (dir: DrivePath, entry: Entry): Entry | undefined => {
    const name = decoded(entry.name)
    const path = child(dir, name)
    return E.isRight(path) ? { ...entry, name, path: path.right } : undefined
  }
  const open: Array<{ readonly level: Level; readonly all: AsyncGenerator<ExtraFound | Level, void> }> = []

  async function* inLevel(level: Level): AsyncGenerator<ExtraFound | Level, void> {
    const problems: Array<ExtraFound> = []
    const side = (drive: DriveProvider, dir: DrivePath, which: 'source' | 'target') => ({
      drive: {
        vendor: drive.vendor,
        capabilities: drive.capabilities,
        list: (path: DrivePath, how: Parameters<DriveProvider['list']>[1]) => async () => {
          const page = await drive.list(path, which === 'source' ? how : { ...how, temporaries: 'show' })()
          if (E.isRight(page)) return page
          problems.push({ status: 'unknown', side: which, path: dir, error: page.left })
          return page
        },
      },
      dir,
      nameOf: keys[which],
      own: own[which],
      onSkipped: (name: string) =>
        void problems.push({
          ...{ status: 'unknown', side: which, path: dir, name },
          error: skippedError(drive.vendor, dir, name),
        }),
    })
    const a = level.isAtSource ? side(from.drive, level.source, 'source') : undefined
    const b = level.isAtTarget ? side(to.drive, level.to, 'target') : undefined
    let isEmptyRoot = level.source === from.dir
    let key: string | undefined
    let group: Group = { sources: [], targets: [] }
    for await (const next of siblings(a, b, { signal, scratch })) {
      if (E.isLeft(next)) {
        if ('vendor' in next.left) break
        yield { status: 'broken', error: next.left }
        return
      }
      const pair: Pair = next.right
      if (pair.a !== undefined) isEmptyRoot = false
      if (pair.name !== key) {
        yield* ofGroup(level, group)
        key = pair.name
        group = { sources: [], targets: [] }
      }
      if (pair.a !== undefined) group.sources.push(pair.a)
      if (pair.b !== undefined) group.targets.push(pair.b)
    }
    // Of a directory that could not be listed to its end the last group may be incomplete.
    if (!problems.some((it) => it.status === 'unknown' && it.name === undefined)) yield* ofGroup(level, group)
    yield* problems
    if (isEmptyRoot && hadEntries?.() === true)
      yield { status: 'unknown', side: 'source', path: from.dir, error: emptied(from.drive.vendor, from.dir) }
  }

  function* ofGroup(level: Level, group: Group): Generator<ExtraFound | Level, void> {
    const { pairs, extra } = paired(group, spelled)
    const replaced = new Set<Entry>()
    for (const { a, b } of pairs) {
      const included = include(a)
      if (included === false) continue
      if (otherKinds && included === true && b !== undefined && a.kind !== b.kind) {
        extra.push(b)
        replaced.add(b)
      } else if (a.kind !== b?.kind) {
        const wanted = child(level.to, spelled(a.name))
        const place = b === undefined && E.isRight(wanted) ? wanted.right : undefined
        if (included === true && a.kind !== 'other') yield { status: 'missing', source: a, to: place }
        if (allMissing && a.kind === 'directory' && place !== undefined)
          yield {
            source: a.path,
            isAtSource: true,
            to: place,
            isAtTarget: false,
            isReplaced: false,
            pending: undefined,
          }
      } else if (a.kind === 'directory')
        yield { source: a.path, isAtSource: true, to: b.path, isAtTarget: true, isReplaced: false, pending: undefined }
    }
    for (const entry of extra) {
      if (entry.path === markerIn(level.to)) yield { status: 'marker', path: entry.path }
      const isLeftover = level.isReplaced && isTemporary(entry.name)
      const finalName = isLeftover ? entry.name : finalNameOf(level.to, entry.name)
      const own = finalName === undefined ? undefined : asSource(level.source, { ...entry, name: finalName })
      const included = own === undefined ? false : isLeftover || include(own)
      if (own === undefined || included === false) continue
      const one: Extra = { entry, source: own.path }
      if (entry.kind === 'other') {
        yield { status: 'unknown', side: 'target', path: entry.path, error: notRemovable(to.drive.vendor, entry) }
        continue
      }
      if (included === true || entry.kind === 'file') yield { status: 'extra', ...one }
      if (entry.kind === 'directory')
        yield {
          source: own.path,
          isAtSource: false,
          to: entry.path,
          isAtTarget: true,
          isReplaced: level.isReplaced || replaced.has(entry) || finalName !== entry.name,
          pending: included === true ? undefined : one,
        }
    }
  }

  const enter = (level: Level): void => void open.push({ level, all: inLevel(level) })
  enter({ source: from.dir, isAtSource: true, to: to.dir, isAtTarget: true, isReplaced: false, pending: undefined })
  try {
    for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
      if (signal?.aborted === true) return
      const next = await deepest.all.next()
      if (next.done === true) open.pop()
      else if (!('status' in next.value)) enter(next.value)
      else {
        if (next.value.status === 'extra')
          for (const { level } of open) {
            const waiting = level.pending
            level.pending = undefined
            if (waiting !== undefined) yield { status: 'extra', ...waiting }
          }
        yield next.value
        if (next.value.status === 'broken') return
      }
    }
  } finally {
    for (const { all } of open) await all.return()
  }
}
