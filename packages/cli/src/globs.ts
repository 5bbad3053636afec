// --include and --exclude: which entries below a place are meant.
import { relativeTo, type DrivePath, type Entry } from '@anydrive/core'
import picomatch from 'picomatch'

export interface Globs {
  readonly include?: ReadonlyArray<string>
  readonly exclude?: ReadonlyArray<string>
}

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
export const chooser = (
  { include, exclude }: Globs,
  ...tops: ReadonlyArray<DrivePath>
): ((entry: Entry) => boolean | 'if-used') => {
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
