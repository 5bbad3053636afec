// Creates a run from the options of a migration.
import { child, root } from '@anydrive/core'
import { delay, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { control, type Control } from './control'
import { createListeners, type Listeners } from './events'
import { memoryJournal, type Identity } from './journal'
import { namesFor } from './names/names-for'
import type { MigrateOptions } from './options'
import { ownFilesOf } from './own-files'
import { createSameSizeSiblings } from './reconcile'
import type { Run } from './run'
import { createStats } from './stats'
import { createThrottle } from './throttle'

const progressEvery = 100

const planFiles = ({ plan }: MigrateOptions): ReadonlyArray<string> =>
  plan === undefined ? [] : [plan.file, `${plan.file}.part`]

const byteLimit = (most: number): Run['bytes'] => {
  let taken = 0
  return {
    take: (bytes) => {
      const fits = taken + bytes <= most
      if (fits) taken += bytes
      return Promise.resolve(fits)
    },
    giveBack: (bytes) => {
      taken -= bytes
      return Promise.resolve()
    },
  }
}

/** The path of an entry at the target, its name as the policy on names has it. */
const below = ({ to: { drive }, names = 'refuse' }: MigrateOptions): Run['below'] => {
  const { toDestination } = namesFor(names, drive.capabilities.naming)
  return (dir, name) => {
    const spelled = toDestination(name)
    if (E.isRight(spelled)) return child(dir, spelled.right)
    const path = child(dir, name)
    if (E.isLeft(path)) return path
    return E.left(locate({ vendor: drive.vendor, operation: 'writeFile', path: path.right })(spelled.left))
  }
}

export const createRun = (options: MigrateOptions, listeners: Listeners, controls: Control): Run => {
  const now = options.now ?? Date.now
  const stats = createStats(now, options.names ?? 'refuse', options.from.path ?? root)
  const journal = options.journal ?? memoryJournal
  const own = [...(journal.files ?? []), ...planFiles(options), ...(options.ownFiles ?? [])]
  let reported = -Infinity
  return {
    from: options.from,
    to: options.to,
    policy: options.conflict ?? 'ask',
    compare: options.compare,
    names: options.names ?? 'refuse',
    below: below(options),
    verify: options.verify ?? 'stream',
    removeSource: options.removeSource ?? false,
    removeRoot: options.removeRoot ?? false,
    top: options.from.path ?? root,
    removeExtra: options.removeExtra,
    backup: undefined,
    makeRoom: undefined,
    own: { source: ownFilesOf(options.from.drive, own), target: ownFilesOf(options.to.drive, own) },
    journal,
    sameSizeSiblings: createSameSizeSiblings({ to: options.to, signal: controls.signal }),
    stats,
    emit: listeners.emit,
    signal: controls.signal,
    ending: () => controls.why() !== undefined,
    now,
    delay: options.delay ?? delay,
    stop: controls.stop,
    drain: controls.drain,
    limits: options.limits ?? {},
    bytes: byteLimit(options.limits?.maxBytes ?? Infinity),
    throttle:
      options.bandwidth === undefined
        ? undefined
        : createThrottle(options.bandwidth, { now, delay: options.delay ?? delay }),
    progress: (path, bytes) => {
      stats.sending(path, bytes)
      if (now() - reported < progressEvery) return
      reported = now()
      listeners.emit('progress', stats.progress())
    },
  }
}

export const identityOf = (
  { from, to, policy, compare, names, verify, removeSource, removeExtra }: Run,
  options: MigrateOptions,
): Identity => ({
  from: { vendor: from.drive.vendor, path: options.from.path ?? root },
  to: { vendor: to.drive.vendor, path: options.to.path ?? root },
  conflict: `${typeof policy === 'string' ? policy : 'function'}${compare === undefined ? '' : ` by ${compare}`}${removeExtra === undefined ? '' : ', removing what is extra'}`,
  names,
  verify: typeof verify === 'string' ? verify : `sample ${verify.sample}`,
  removeSource,
})

/** What a migration with these options is, before it runs. */
export const identityFor = (options: MigrateOptions): Identity =>
  identityOf(createRun(options, createListeners(), control()), options)
