// The files that a migration itself keeps on this machine: never a part of what it transfers.
import type { Entry } from '@anydrive/core'
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Location } from './location'

export interface OwnFileOptions {
  readonly journal?: string
  readonly plan?: string | true
  readonly apply?: string
  readonly report?: string
}

/** SQLite keeps these beside a database, and the journal its lock. */
const journalSuffixes = ['', '-wal', '-shm', '-journal', '-lock', '-lock-wal', '-lock-shm', '-lock-journal']

const realOr = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** As it was named, and where it is once links are followed. */
const placesOf = (file: string): ReadonlyArray<string> => [
  file,
  join(realOr(dirname(file)), basename(file)),
  realOr(file),
]

/** The absolute paths of the journal, the plan and the report, and of the files that are kept beside them. */
export const ownFilesOf = ({ journal, plan, apply, report }: OwnFileOptions, cwd: string): ReadonlyArray<string> => {
  const named = (file: string | true | undefined, suffixes: ReadonlyArray<string>): ReadonlyArray<string> =>
    typeof file === 'string'
      ? placesOf(resolve(cwd, file)).flatMap((place) => suffixes.map((suffix) => place + suffix))
      : []
  return [
    ...new Set([
      ...named(journal, journalSuffixes),
      ...named(plan, ['', '.part']),
      ...named(apply, ['', '.part']),
      ...named(report, ['']),
    ]),
  ]
}

/** Whether an entry of this place is one of the files. */
export const isOwnFile = (
  { localRoot }: Pick<Location, 'localRoot'>,
  files: ReadonlyArray<string>,
): ((entry: Entry) => boolean) => {
  if (localRoot === undefined || files.length === 0) return () => false
  const own = new Set(files)
  return ({ path }) => own.has(join(localRoot, path))
}
