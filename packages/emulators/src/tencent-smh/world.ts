// Everything the emulator knows.
import { mixSeed, seededRandom, type Stage } from '../common'
import { makeContents, type Contents } from './contents'
import { type Directory } from './nodes'
import { type Behaviour, type LibraryConfig, type TokenConfig } from './options'
import {
  type Change,
  type HistorySettings,
  type Quota,
  type Recycled,
  type Search,
  type Task,
  type Token,
  type Upload,
  type UploadedPart,
} from './records'
import { makeTree, type Tree } from './tree'

export interface Space {
  readonly id: string
  readonly library: Library
  readonly root: Directory
  readonly userId: string
  readonly createdAt: number
  publicRead: boolean
  /** What was set through the attributes' call, echoed. */
  attributes: Readonly<Record<string, unknown>>
  /** Bytes, the recycle bin and versions included. */
  used: number
}

export interface Library {
  readonly id: string
  readonly secret: string
  readonly multiSpace: boolean
  readonly recycleBin: boolean
  retentionDays: number
  history: HistorySettings
  readonly spaces: Map<string, Space>
  readonly quotas: Map<number, Quota>
}

export interface World {
  readonly stage: Stage<'crc64' | 'md5'>
  readonly behaviour: Behaviour
  readonly now: () => number
  /** Host and port that uploads and downloads are sent to. */
  readonly host: () => string
  readonly scheme: 'http' | 'https'
  readonly libraries: Map<string, Library>
  readonly tokens: Map<string, Token>
  readonly uploads: Map<string, Upload>
  /** By confirm key, then by number; 1 is the one body of a simple or form upload. */
  readonly parts: Map<string, Map<number, UploadedPart>>
  readonly tasks: Map<number, Task>
  readonly running: Set<Task>
  readonly recycled: Map<number, Recycled>
  /** Results of the classic search, by its id. */
  readonly searches: Map<string, Search>
  /** The change feed, oldest first. */
  readonly changes: Array<Change>
  readonly contents: Contents
  readonly tree: Tree
  /** Markers of lists that are integers, and the texts that they encode. */
  readonly markers: { next: bigint; readonly texts: Map<string, string> }
  /** 1, 2, 3 …, across restarts. */
  readonly nextNumber: (kind: 'task' | 'recycled' | 'version' | 'quota' | 'change') => number
  readonly save: Saver
}

interface Saver {
  readonly library: (library: Library) => void
  readonly space: (space: Space) => void
  readonly token: (token: Token) => void
  readonly quota: (library: Library, quota: Quota) => void
  readonly task: (task: Task) => void
  readonly upload: (upload: Upload) => void
}

const makeSaver = ({ journal }: Stage<'crc64' | 'md5'>): Saver => ({
  library: (library) =>
    journal.put('library', library.id, () => ({ ...library, spaces: undefined, quotas: undefined })),
  space: (space) =>
    journal.put('space', `${space.library.id}/${space.id}`, () => ({
      ...space,
      library: space.library.id,
      root: space.root.inode,
      used: undefined,
    })),
  token: (token) => journal.put('token', token.token, () => token),
  task: (task) => journal.put('task', String(task.id), () => task),
  upload: (upload) => journal.put('upload', upload.confirmKey, () => upload),
  quota: (library, quota) => journal.put('quota', String(quota.id), () => ({ ...quota, library: library.id })),
})

const makeCounter = ({ journal }: Stage<'crc64' | 'md5'>): World['nextNumber'] => {
  const last = new Map<string, number>()
  for (const [kind, value] of journal.load('counter')) last.set(kind, Number(value))
  return (kind) => {
    const next = (last.get(kind) ?? 0) + 1
    last.set(kind, next)
    journal.put('counter', kind, () => last.get(kind) ?? 0)
    return next
  }
}

export const makeWorld = (
  stage: Stage<'crc64' | 'md5'>,
  behaviour: Behaviour,
  scheme: 'http' | 'https',
  host: () => string,
): World => {
  const { now, journal, blobs, random } = stage
  const fork = (): (() => string) => {
    const own = seededRandom(mixSeed('fork', random.below(2 ** 32)))
    return () => own.hex(32)
  }
  const contents = makeContents(blobs, journal, fork())
  return {
    stage,
    behaviour,
    now,
    host,
    scheme,
    libraries: new Map(),
    tokens: new Map(),
    uploads: new Map(),
    parts: new Map(),
    tasks: new Map(),
    running: new Set(),
    recycled: new Map(),
    searches: new Map(),
    changes: [],
    contents,
    tree: makeTree({ now, newId: fork(), contents, journal }),
    markers: { next: 2n ** 60n, texts: new Map() },
    nextNumber: makeCounter(stage),
    save: makeSaver(stage),
  }
}

export const addSpace = (world: World, library: Library, id: string, userId: string, publicRead = false): Space => {
  const root = world.tree.makeRoot(userId)
  const space: Space = { id, library, root, userId, createdAt: world.now(), publicRead, attributes: {}, used: 0 }
  library.spaces.set(id, space)
  world.save.space(space)
  return space
}

/** Where use does not extend tokens, they outlive what is announced by a third. */
export const expiryOf = (world: World, period: number): number =>
  world.now() + Math.floor(period * 1000 * (world.behaviour.tokenSliding ? 1 : 4 / 3))

export const addToken = (world: World, libraryId: string, config: TokenConfig): Token => {
  const { token, spaceIds, userId = '', clientId = '', sessionId = '', grant = ['admin'], period = 86_400 } = config
  const expiresAt = expiryOf(world, period)
  const made: Token = { token, libraryId, spaceIds, userId, clientId, sessionId, grants: grant, period, expiresAt }
  world.tokens.set(token, made)
  world.save.token(made)
  return made
}

const historySettings = (enabled: boolean): HistorySettings => ({
  enableFileHistory: enabled,
  fileHistoryCount: 100,
  fileHistoryExpireDay: 0,
  mergeInterval: 0,
})

/** Adds what the configuration names and the data does not have yet. */
export const configure = (world: World, config: LibraryConfig): void => {
  const spaces = config.spaces ?? [{ id: '-' }]
  const library: Library = world.libraries.get(config.id) ?? {
    id: config.id,
    secret: config.secret,
    multiSpace: spaces.some(({ id }) => id !== '-'),
    recycleBin: config.recycleBin ?? true,
    retentionDays: config.retentionDays ?? 30,
    history: historySettings(config.history ?? false),
    spaces: new Map(),
    quotas: new Map(),
  }
  if (!world.libraries.has(config.id)) {
    world.libraries.set(config.id, library)
    world.save.library(library)
  }
  for (const { id, userId = '', capacity, publicRead } of spaces) {
    if (library.spaces.has(id)) continue
    addSpace(world, library, id, userId, publicRead)
    if (capacity === undefined) continue
    const quota: Quota = { id: world.nextNumber('quota'), spaces: [id], capacity, rest: {} }
    library.quotas.set(quota.id, quota)
    world.save.quota(library, quota)
  }
  for (const token of config.tokens ?? []) if (!world.tokens.has(token.token)) addToken(world, config.id, token)
}
