// A run, made of what the migration was told.
import { child, locate, root } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { defaultDelay, type Control } from './control'
import type { Listeners } from './events'
import { memoryJournal, type Identity } from './journal'
import { namesFor } from './names/names-for'
import type { MigrateOptions } from './options'
import { createBystanders } from './reconcile'
import type { Run } from './run'
import { createTally } from './tally'
import { createThrottle } from './throttle'

const progressEvery = 100

/** The name as the destination is to have it. */
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
  const tally = createTally(now, options.names ?? 'refuse', options.from.path ?? root)
  let told = -Infinity
  return {
    from: options.from,
    to: options.to,
    policy: options.conflict ?? 'ask',
    names: options.names ?? 'refuse',
    below: below(options),
    verify: options.verify ?? 'stream',
    removeSource: options.removeSource ?? false,
    journal: options.journal ?? memoryJournal,
    bystanders: createBystanders({ to: options.to, signal: controls.signal }),
    tally,
    emit: listeners.emit,
    signal: controls.signal,
    ending: () => controls.why() !== undefined,
    now,
    delay: options.delay ?? defaultDelay,
    stop: controls.stop,
    drain: controls.drain,
    limits: options.limits ?? {},
    throttle:
      options.bandwidth === undefined
        ? undefined
        : createThrottle(options.bandwidth, { now, delay: options.delay ?? defaultDelay }),
    progress: (path, bytes) => {
      tally.sending(path, bytes)
      if (now() - told < progressEvery) return
      told = now()
      listeners.emit('progress', tally.progress())
    },
  }
}

export const identityOf = (
  { from, to, policy, names, verify, removeSource }: Run,
  options: MigrateOptions,
): Identity => ({
  from: { vendor: from.drive.vendor, path: options.from.path ?? root },
  to: { vendor: to.drive.vendor, path: options.to.path ?? root },
  conflict: typeof policy === 'string' ? policy : 'function',
  names,
  verify: typeof verify === 'string' ? verify : `sample ${verify.sample}`,
  removeSource,
})
