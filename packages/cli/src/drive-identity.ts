// Which drive the settings name: its kind, its address and its space, without any secret.
import type { DriveIdentity } from '@anydrive/cluster'
import * as E from 'fp-ts/Either'
import { settingsOf } from './configuration'
import type { Context } from './context'
import { isRecord } from './json-text'
import type { Location } from './location'
import { usage, type Problem } from './problem'

/** Settings that tell one drive from another, of all adapters; none holds a secret. */
const telling = ['type', 'baseUrl', 'url', 'libraryId', 'spaceId', 'containerId', 'space', 'userId', 'root'] as const

/** Without a name and a password. */
const addressOf = (text: string): string => {
  try {
    const { origin, pathname } = new URL(text)
    return `${origin}${pathname.endsWith('/') ? pathname.slice(0, -1) : pathname}`
  } catch {
    return text
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? (value.includes('://') ? addressOf(value) : value) : JSON.stringify(value)

const identityIn = (settings: unknown): DriveIdentity =>
  isRecord(settings)
    ? Object.fromEntries(telling.flatMap((key) => (settings[key] === undefined ? [] : [[key, textOf(settings[key])]])))
    : {}

/** A left: the drive cannot be shared between machines. */
export const driveIdentity = (
  { drives, io }: Context,
  { name }: Pick<Location, 'name'>,
): E.Either<Problem, DriveIdentity> => {
  const configuration = drives.configuration()
  if (E.isLeft(configuration)) return configuration
  const file = configuration.right
  if (file === undefined || !Object.hasOwn(file.drives, name)) return E.right({ type: 'local', root: '/' })
  return E.flatMap((settings: unknown): E.Either<Problem, DriveIdentity> => {
    const identity = identityIn(settings)
    return identity['type'] === 'memory'
      ? E.left(usage(`the drive ${name} is in the memory of one process`, 'Name a drive that every worker reaches.'))
      : E.right(identity)
  })(settingsOf(file, name, io.env))
}
