// Paths as SMH writes them, rules for names, and the names that `rename` invents.
import { fail } from './errors'

export type Segments = ReadonlyArray<string>

/** Slashes at either end, and doubled ones, are not significant (docs/wire/tencent-smh.md, path encoding). */
export const segmentsOf = (path: string): Segments => path.split('/').filter((segment) => segment !== '')

const forbidden = /[\\/:*?"<>|]/

/** For names that an operation would create; existing odd names stay usable. */
export const checkName = (name: string, kind: 'directory' | 'file'): void => {
  if (name === '') fail('EmptyFileName')
  if (forbidden.test(name) || name.includes('\u0000') || name === '.' || name === '..')
    fail('IllegalFileName', `The name "${name}" contains a character that is not allowed.`)
  if (Array.from(name).length > 255) fail(kind === 'file' ? 'FileNameLengthExceed' : 'DirectoryNameLengthExceed')
}

/** Where the number goes: before the last dot of a file, unless the name starts with it; directories are not split. */
const splitName = (name: string, kind: 'directory' | 'file'): readonly [base: string, extension: string] => {
  const dot = kind === 'file' ? name.lastIndexOf('.') : -1
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
}

/** `1.jpg` → `1 (1).jpg`; the first number whose name is free (docs/wire/tencent-smh.md, conflict strategies). */
export const freeName = (
  name: string,
  kind: 'directory' | 'file',
  isTaken: (candidate: string) => boolean,
  max: number,
): string => {
  const [base, extension] = splitName(name, kind)
  for (let n = 1; n <= max; n += 1) {
    const candidate = `${base} (${n})${extension}`
    if (!isTaken(candidate)) return candidate
  }
  return fail('RenameTooManyTimes')
}

export const isWithin = (inner: Segments, outer: Segments): boolean =>
  inner.length >= outer.length && outer.every((segment, i) => inner[i] === segment)
