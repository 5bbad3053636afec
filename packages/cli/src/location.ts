// Places: DRIVE:PATH on the command line, as a drive and a path in it.
import { parsePath, type DrivePath, type DriveProvider } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import * as E from 'fp-ts/Either'
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path'
import type { Configuration } from './configuration'
import { ofDrive, usage, type Problem } from './problem'
import { withTemporaries } from './temporaries'

export interface Location {
  /** As it is named on the command line; `local` for this machine. */
  readonly name: string
  readonly drive: DriveProvider
  readonly path: DrivePath
  /** Opens the same drive once more, as another client would. */
  readonly again: () => E.Either<Problem, DriveProvider>
  /** It was written with a `/` at its end: a directory is meant. */
  readonly asDirectory: boolean
}

/** Opens each drive once, so that two places in one drive are known to be so. */
export interface Drives {
  readonly configuration: () => E.Either<Problem, Configuration | undefined>
  readonly open: (name: string) => E.Either<Problem, DriveProvider>
  readonly openAgain: (name: string) => E.Either<Problem, DriveProvider>
}

const shape = /^([A-Za-z0-9_][A-Za-z0-9_.-]*):(.*)$/s

/** A path of this machine needs no drive's name where it cannot be anything else. */
const isPlain = (text: string): boolean => /^(\/|\.\.?(\/|$))/.test(text)

/** Links on the way to it are followed, as any other command does; the last name is kept as it is. */
const real = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path))
  }
}

/** What a symbolic link means as the last name of a path of this machine: itself, or the directory that it leads to. */
export type LastLink = 'kept' | 'followed'

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Where links in a path of this machine lead. */
const placeOf = (absolute: string, root: string, last: LastLink): string => {
  try {
    if (last === 'followed' && isDirectory(absolute)) return realpathSync(absolute)
  } catch {
    // What cannot be looked at is reported by the drive.
  }
  return absolute === root ? root : join(real(dirname(absolute)), basename(absolute))
}

export const localLocation = (text: string, cwd: string, last: LastLink = 'kept'): E.Either<Problem, Location> => {
  const absolute = resolve(cwd, text)
  const { root } = parse(absolute)
  const placed = placeOf(absolute, root, last)
  const path = parsePath(relative(root, placed).split(sep).join('/'))
  return E.isLeft(path)
    ? E.left(ofDrive(path.left))
    : E.right({
        name: 'local',
        drive: machine(root),
        again: () => E.right(openLocal({ root })),
        path: path.right,
        asDirectory: text.endsWith('/'),
      })
}

const machines = new Map<string, DriveProvider>()
const machine = (root: string): DriveProvider => {
  const known = machines.get(root) ?? withTemporaries(openLocal({ root }))
  machines.set(root, known)
  return known
}

const isConfigured = (drives: Drives, name: string): boolean => {
  const configuration = drives.configuration()
  return (
    E.isRight(configuration) && configuration.right !== undefined && Object.hasOwn(configuration.right.drives, name)
  )
}

export const toLocation = (
  text: string,
  drives: Drives,
  cwd: string,
  last: LastLink = 'kept',
): E.Either<Problem, Location> => {
  if (isPlain(text)) return localLocation(text, cwd, last)
  const [, name, rest] = shape.exec(text) ?? []
  if (name === undefined || rest === undefined)
    return E.left(
      usage(
        `${JSON.stringify(text)} names no drive`,
        'Write DRIVE:PATH, such as work:reports, or ./PATH for a path of this machine.',
      ),
    )
  if (name === 'local' && !isConfigured(drives, name)) return localLocation(rest, cwd, last)
  const drive = drives.open(name)
  if (E.isLeft(drive)) return drive
  const path = parsePath(rest)
  return E.isLeft(path)
    ? E.left(ofDrive(path.left))
    : E.right({
        name,
        drive: drive.right,
        again: () => drives.openAgain(name),
        path: path.right,
        asDirectory: rest.endsWith('/'),
      })
}

export const locationText = ({ name }: Pick<Location, 'name'>, path: DrivePath): string => `${name}:/${path}`
