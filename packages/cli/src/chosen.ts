// Which entries below a place are meant: by pattern, by list, by size and by age.
import { relativeTo, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import picomatch from 'picomatch'
import { usage, type Problem } from './problem'

export interface Globs {
  readonly include?: ReadonlyArray<string>
  readonly exclude?: ReadonlyArray<string>
}
export interface Choice extends Globs {
  readonly filesFrom?: string
  /** Bytes. */
  readonly minSize?: number
  readonly maxSize?: number
  readonly newerThan?: Date
}
/** False leaves the entry out, a directory with all below it; `if-used` makes a directory only once something in it is carried. */
export type Chooser = (entry: Entry) => boolean | 'if-used'

/** A pattern without `/` is matched against the name alone, wherever it stands. */
const matcher = (patterns: ReadonlyArray<string> | undefined): ((path: string) => boolean) | undefined => {
  if (patterns === undefined || patterns.length === 0) return undefined
  const all = patterns.map((pattern) => {
    const bare = pattern.replace(/^\//, '')
    return picomatch(bare, { dot: true, basename: !pattern.includes('/') })
  })
  return (path) => all.some((matches) => matches(path))
}

/** Excluded directories are left out with all below them; with `include`, directories are made only once something in them is carried. */
export const chooser = ({ include, exclude }: Globs, ...tops: ReadonlyArray<DrivePath>): Chooser => {
  const wanted = matcher(include)
  const unwanted = matcher(exclude)
  return (entry) => {
    const top = tops.find((dir) => entry.path.startsWith(dir === '' ? '' : `${dir}/`)) ?? tops[0]
    const path = top === undefined ? entry.path : relativeTo(top, entry.path)
    if (unwanted?.(path) === true) return false
    if (wanted === undefined || wanted(path)) return true
    return entry.kind === 'directory' ? 'if-used' : false
  }
}

/** One path a line; blank lines and those that begin with `#` or `;` are left out. */
const listed = (text: string): ReadonlyArray<string> =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^[#;]/.test(line))
    .map((line) => line.replace(/^\/+|\/+$/g, ''))

interface Listed {
  readonly choose: Chooser
  readonly unseen: () => ReadonlyArray<string>
}

const everything: Listed = { choose: () => true, unseen: () => [] }

const byList = (paths: ReadonlyArray<string>, top: DrivePath): Listed => {
  const wanted = new Set(paths)
  const above = new Set<string>()
  for (const path of wanted)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) above.add(path.slice(0, at))
  const unseen = new Set(wanted)
  const isBelowListed = (path: string): boolean => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (wanted.has(path.slice(0, at))) return true
    return false
  }
  return {
    choose: (entry) => {
      const path = relativeTo(top, entry.path)
      unseen.delete(path)
      if (wanted.has(path) || isBelowListed(path)) return true
      return entry.kind === 'directory' && above.has(path) ? 'if-used' : false
    },
    unseen: () => [...unseen],
  }
}

/** Directories of which nothing is chosen are not made, where files are chosen by what they are. */
const byNature = ({ minSize, maxSize, newerThan }: Choice): Chooser => {
  if (minSize === undefined && maxSize === undefined && newerThan === undefined) return () => true
  return (entry) => {
    if (entry.kind === 'directory') return 'if-used'
    if (entry.kind !== 'file') return true
    if (entry.size < (minSize ?? 0) || entry.size > (maxSize ?? Infinity)) return false
    return newerThan === undefined || entry.modifiedAt === undefined || entry.modifiedAt >= newerThan
  }
}

const all =
  (...choosers: ReadonlyArray<Chooser>): Chooser =>
  (entry) => {
    let answer: ReturnType<Chooser> = true
    for (const choose of choosers) {
      const one = choose(entry)
      if (one === false) return false
      if (one === 'if-used') answer = one
    }
    return answer
  }

export interface Chosen {
  readonly include: Chooser
  /** Of those listed, what was not met. */
  readonly unseen: () => ReadonlyArray<string>
}

/** Of the entries below `top`. A file whose age is not reported counts as new. */
export const chosen = (choice: Choice, top: DrivePath, cwd: string): E.Either<Problem, Chosen> => {
  const { filesFrom } = choice
  const list = E.tryCatch(
    () => (filesFrom === undefined ? everything : byList(listed(readFileSync(resolve(cwd, filesFrom), 'utf8')), top)),
    () => usage(`${filesFrom ?? ''} cannot be read`, '--files-from names a file with one path of the source a line.'),
  )
  return E.map(({ choose, unseen }: Listed) => ({
    include: all(chooser(choice, top), choose, byNature(choice)),
    unseen,
  }))(list)
}
