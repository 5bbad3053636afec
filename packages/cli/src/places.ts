// DRIVE:PATH, as people write it, to an opened drive and a path in it.
import { parsePath, withSignal, type DrivePath, type DriveProvider, type Surroundings } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path'
import { settingsOf, type Configured } from './configuration'
import { failed, misconfigured, misused } from './failure'
import type { Io } from './io'
import { registry } from './registry'

export interface Place {
  readonly drive: DriveProvider
  readonly driveName: string
  readonly path: DrivePath
  /** As it was written. */
  readonly text: string
}

export interface Drives {
  readonly open: (name: string) => DriveProvider
  readonly place: (text: string) => Promise<Place>
}

const pathOf = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw failed(parsed.left)
  return parsed.right
}

/** Links above what is named are resolved as the shell would; the last name is taken as it is. */
const realOf = async (path: string): Promise<string> => {
  const dir = dirname(path)
  if (dir === path) return path
  try {
    return join(await realpath(dir), basename(path))
  } catch {
    return join(await realOf(dir), basename(path))
  }
}

/** `local:` without an entry is this machine: relative to the working directory. */
const machine = async (io: Io, text: string): Promise<{ readonly root: string; readonly path: DrivePath }> => {
  const real = await realOf(resolve(io.cwd, text))
  const { root } = parse(real)
  return { root, path: pathOf(relative(root, real).split(sep).join('/')) }
}

export const drivesOf = (io: Io, configured: Configured, surroundings: Surroundings): Drives => {
  const opened = new Map<string, DriveProvider>()
  const openUnknown = (name: string, settings: unknown): DriveProvider => {
    const known = opened.get(name)
    if (known !== undefined) return known
    const drive = registry.openUnknown(settings, surroundings)
    if (E.isLeft(drive)) throw misconfigured(drive.left)
    const bound = withSignal(io.signal)(drive.right)
    opened.set(name, bound)
    return bound
  }
  const open = (name: string) => openUnknown(name, settingsOf(io, configured, name))
  return {
    open,
    place: async (text) => {
      const colon = text.indexOf(':')
      if (colon < 1)
        throw misused(
          `${JSON.stringify(text)} is not of the form DRIVE:PATH; for a file of this machine write local:${text}`,
        )
      const driveName = text.slice(0, colon)
      const rest = text.slice(colon + 1)
      if (driveName !== 'local' || Object.hasOwn(configured.drives, 'local'))
        return { drive: open(driveName), driveName, path: pathOf(rest), text }
      const { root, path } = await machine(io, rest)
      return { drive: openUnknown('local', { type: 'local', root }), driveName, path, text }
    },
  }
}
