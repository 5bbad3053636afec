// A drive opened for checks, with a log of its own, and a temporary directory on it.
import {
  ancestorsOf,
  ensureDir,
  exists,
  under,
  type DrivePath,
  type DriveProvider,
  type LogEvent,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { randomBytes } from 'node:crypto'
import { openConfigured } from './configuration'
import type { Context } from './context'
import type { Location } from './location'
import { ofDrive, type Problem } from './problem'

/** Opens the drive again at each call; `onEvent` gets what it logs. */
export const opener = (
  { drives, io, options, out }: Context,
  { name, drive, again }: Location,
  onEvent: (event: LogEvent) => void,
): (() => DriveProvider) => {
  const log = (event: LogEvent): void => {
    onEvent(event)
    if (options.verbose === true) out.message(JSON.stringify(event))
  }
  const configuration = drives.configuration()
  const isConfigured = E.isRight(configuration) && Object.hasOwn(configuration.right?.drives ?? {}, name)
  return () => {
    const opened =
      isConfigured && E.isRight(configuration)
        ? openConfigured(configuration.right, name, { env: io.env, environment: { log } })
        : again()
    return E.isRight(opened) ? opened.right : drive
  }
}

export interface TemporaryDir {
  readonly path: DrivePath
  /** What this run has created: the temporary directory, or the highest parent that was missing. */
  readonly created: DrivePath
}

export const createTemporaryDir = async (
  drive: DriveProvider,
  { below, what, signal }: { readonly below: DrivePath; readonly what: string; readonly signal: AbortSignal },
): Promise<E.Either<Problem, TemporaryDir>> => {
  const path = under(below, `anydrive-${what}-${randomBytes(4).toString('hex')}` as DrivePath)
  let created = path
  for (const ancestor of [...ancestorsOf(path)].sort((a, b) => b.length - a.length)) {
    const found = await exists(drive, ancestor, { signal })()
    if (E.isLeft(found)) return E.left(ofDrive(found.left))
    if (found.right) break
    created = ancestor
  }
  const ready = await ensureDir(drive, path, { signal })()
  return E.isLeft(ready) ? E.left(ofDrive(ready.left)) : E.right({ path, created })
}
