// --files-from and --files-from0: lists of paths, each of which is taken literally.
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeText } from './error-code'
import { usage, type Problem } from './problem'

export interface PathList {
  /** `if-used`: a directory above a listed path. */
  readonly includes: (path: string, isDirectory: boolean) => boolean | 'if-used'
  /** The listed paths that were not met. */
  readonly missing: () => ReadonlyArray<string>
}
export interface PathListOptions {
  readonly filesFrom?: string
  readonly filesFrom0?: string
}

/** The paths above it, the longest first. */
function* ancestors(path: string): Generator<string, void> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at)
}

export const pathListOf = (paths: ReadonlyArray<string>): PathList => {
  const listed = new Set(paths)
  const above = new Set(paths.flatMap((path) => [...ancestors(path)]))
  const missing = new Set(listed)
  const isBelowListed = (path: string): boolean => {
    for (const ancestor of ancestors(path)) if (listed.has(ancestor)) return true
    return false
  }
  return {
    includes: (path, isDirectory) => {
      missing.delete(path)
      if (listed.has(path) || isBelowListed(path)) return true
      return isDirectory && above.has(path) ? 'if-used' : false
    },
    missing: () => [...missing],
  }
}

/** Slashes at either end mean nothing in a path; everything else is part of a name. */
const withoutEnds = (path: string): string => {
  let [start, end] = [0, path.length]
  while (path[start] === '/') start += 1
  while (end > start && path[end - 1] === '/') end -= 1
  return path.slice(start, end)
}

/** The text of a file that an option names; a left says which option and why. */
export const readText = (option: string, file: string, cwd: string, remedy: string): E.Either<Problem, string> => {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(cwd, file))
  } catch (u) {
    return E.left(usage(`${option}: ${file} cannot be read${codeText(u)}`, remedy))
  }
  return E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => usage(`${option}: ${file} is not UTF-8 text`, remedy),
  )
}

const pathsIn = (
  option: '--files-from' | '--files-from0',
  file: string,
  cwd: string,
): E.Either<Problem, ReadonlyArray<string>> => {
  const isNul = option === '--files-from0'
  const separator = isNul ? 'a NUL byte after each' : 'one on each line'
  const remedy = `${option} names a file with paths below the source, in UTF-8, ${separator}.`
  return E.map((text: string) =>
    text
      .split(isNul ? '\0' : /\r?\n/)
      .map(withoutEnds)
      .filter((path) => path !== ''),
  )(readText(option, file, cwd, remedy))
}

/** Undefined without either option; with both, the paths of both. */
export const readPaths = (
  { filesFrom, filesFrom0 }: PathListOptions,
  cwd: string,
): E.Either<Problem, ReadonlyArray<string> | undefined> => {
  const all: Array<string> = []
  for (const [option, file] of [['--files-from', filesFrom] as const, ['--files-from0', filesFrom0] as const]) {
    if (file === undefined) continue
    const paths = pathsIn(option, file, cwd)
    if (E.isLeft(paths)) return paths
    all.push(...paths.right)
  }
  return E.right(filesFrom === undefined && filesFrom0 === undefined ? undefined : all)
}
