// What a plan has to say of an entry: what stands in its way, and what the destination cannot hold.
import { segments, type Capabilities, type DrivePath, type Entry, type EntryKind, type FileEntry } from '@anydrive/core'
import { nameFault, nameLength } from '@anydrive/core/adapter'
import type { NameProblem } from '../names/encode'
import { algorithms, sameFile } from '../proof'

export type FindingName =
  /** A file stands there: the same by a checksum; of the same size, and nothing more is known; another one. */
  | 'exists-identical'
  | 'exists-unproven'
  | 'exists-different'
  /** A file where a directory is to go, or the other way round. */
  | 'exists-kind'
  /** Kept as equal, by what the strategy compares; kept for the reason that `newer` has. */
  | 'exists-equal'
  | 'exists-kept'
  | 'name-length'
  | 'name-characters'
  | 'depth'
  | 'path-length'
  | 'file-size'
  /** Names of one directory that the destination takes, or may take, for one. */
  | 'case'
  | 'normalisation'
  | 'one-name'
  /** Carried under another spelling, by the policy on names. */
  | 'respelled'
  /** Neither file nor directory. */
  | 'not-a-file'
  /** A name that no path can hold. */
  | 'unnameable'
  | 'unreadable'
  /** Below a directory that is skipped or refused. */
  | 'inside'

export interface Finding {
  readonly what: FindingName
  readonly says: string
}
export const whyText = ({ what, says }: Finding): string => (says === '' ? what : `${what}: ${says}`)

export const nameFinding = (problem: NameProblem): Finding =>
  problem._tag === 'LimitExceeded'
    ? { what: 'name-length', says: problem.said ?? `at most ${problem.max ?? 'fewer'}` }
    : { what: 'name-characters', says: problem.reason }

/** Why nothing can be made at this path, whose last name is new. */
export const misfits = (
  { naming, limits }: Pick<Capabilities, 'naming' | 'limits'>,
  to: DrivePath,
  entry: { readonly kind: EntryKind; readonly size?: number },
): ReadonlyArray<Finding> => {
  const names = segments(to)
  const wrong = nameFault(naming, names.at(-1) ?? '')
  const unit = naming.lengthUnit
  const levels = names.length - (entry.kind === 'file' ? 1 : 0)
  const [deepest, longest, largest] = [
    naming.maxDepth ?? Infinity,
    naming.maxPath ?? Infinity,
    limits.fileSize ?? Infinity,
  ]
  const length = nameLength(to, unit)
  const size = entry.size ?? 0
  return [
    ...(wrong === undefined ? [] : [nameFinding(wrong)]),
    ...(levels > deepest ? [{ what: 'depth', says: `${levels} levels, at most ${deepest}` } as const] : []),
    ...(length > longest ? [{ what: 'path-length', says: `${length} ${unit}, at most ${longest}` } as const] : []),
    ...(size > largest ? [{ what: 'file-size', says: `${size} bytes, at most ${largest}` } as const] : []),
  ]
}

const differenceOf = (a: FileEntry, b: FileEntry): string =>
  a.size === b.size
    ? (algorithms.find((it) => a.checksums[it] !== b.checksums[it]) ?? 'content')
    : `${b.size ?? 'an unknown number of'} bytes, here ${a.size ?? 'unknown'}`

/** How an entry and what stands in its place compare. */
export const standing = (source: Entry, existing: Entry): Finding => {
  if (source.kind !== 'file' || existing.kind !== 'file') return { what: 'exists-kind', says: `a ${existing.kind}` }
  const same = sameFile(source, existing)
  if (same === undefined) return { what: 'exists-different', says: differenceOf(source, existing) }
  return same === 'size'
    ? { what: 'exists-unproven', says: 'of the same size, without a checksum in common' }
    : { what: 'exists-identical', says: same }
}
