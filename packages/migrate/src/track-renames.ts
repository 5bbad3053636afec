// Of a sync: files that the target has under another path are moved there, instead of being sent again.
import { move, type Capabilities, type DrivePath, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { entryOf } from './entry-lines'
import { createSorter } from './external-sort'
import type { ExtraFound } from './extras'
import { algorithms, timePrecision } from './proof'
import type { Run } from './run'
import { checkUnchanged } from './source-state'

interface Candidate {
  readonly key: string
  readonly side: 'missing' | 'extra'
  readonly entry: FileEntry
  /** Where a missing file belongs at the target. */
  readonly to: DrivePath | undefined
}
const lines = {
  keyOf: ({ key }: Candidate) => key,
  toLine: (it: Candidate) => JSON.stringify(it),
  fromLine: (line: string): Candidate => {
    const it = JSON.parse(line) as Candidate
    return { ...it, entry: entryOf(it.entry) as FileEntry }
  },
}

/** What two files that are taken for one have in common: the strongest checksum that both drives report, else size and modification time where the target keeps it. */
const keyFor = (from: Capabilities, to: Capabilities) => {
  const common = algorithms.find((it) => from.checksums.given.includes(it) && to.checksums.given.includes(it))
  const precision = timePrecision(from, to)
  const keepsTimes = to.times.file.modifiedAt === 'kept'
  return ({ size, checksums, modifiedAt }: FileEntry): string | undefined => {
    if (size === undefined || size === 0) return undefined
    if (common !== undefined)
      return checksums[common] === undefined ? undefined : `${common} ${checksums[common]} ${size}`
    return keepsTimes && modifiedAt !== undefined
      ? `${size} ${Math.floor(modifiedAt.getTime() / precision)}`
      : undefined
  }
}

/** Those of one key, as far as it matters whether each side has exactly one. */
interface Group {
  key: string
  missing: Candidate | undefined
  extra: Candidate | undefined
  isUnique: boolean
}

/**
 * Moves each extra file whose content is that of exactly one missing file, and of no other extra one. Nothing is moved unless all of `found` is known. What cannot be moved is left for the
 * transfer.
 */
export const trackRenames = async (run: Run, found: AsyncIterable<ExtraFound>): Promise<void> => {
  const { drive } = run.to
  const keyOf = keyFor(run.from.drive.capabilities, drive.capabilities)
  const all = createSorter<Candidate>(lines)
  const renamed = async ({ missing, extra, isUnique }: Group): Promise<void> => {
    if (!isUnique || missing?.to === undefined || extra === undefined || run.ending()) return
    const { path } = extra.entry
    if (E.isLeft(await checkUnchanged(run, extra.entry, drive))) return
    const moved = await move(drive, path, missing.to, { conflict: 'ask', signal: run.signal })()
    if (E.isLeft(moved)) return
    run.stats.renameExtra(1)
    run.emit('removed', { path, kind: 'file', to: moved.right.path })
  }
  try {
    for await (const one of found) {
      if (one.status === 'broken' || (one.status === 'unknown' && one.side === 'source')) return
      const side = one.status === 'missing' || one.status === 'extra' ? one.status : undefined
      if (side === undefined) continue
      const entry = one.status === 'missing' ? one.source : one.status === 'extra' ? one.entry : undefined
      if (entry?.kind !== 'file') continue
      const key = keyOf(entry)
      const to = one.status === 'missing' ? one.to : undefined
      const added = key === undefined ? undefined : await all.add({ key, side, entry, to })
      if (added !== undefined && E.isLeft(added)) return
    }
    let group: Group | undefined
    for await (const next of all.sorted()) {
      if (E.isLeft(next)) return
      const { key, side } = next.right
      if (group !== undefined && group.key !== key) await renamed(group)
      if (group?.key !== key) group = { key, missing: undefined, extra: undefined, isUnique: true }
      if (group[side] !== undefined) group.isUnique = false
      group[side] = next.right
    }
    if (group !== undefined) await renamed(group)
  } finally {
    await all.close()
  }
}
