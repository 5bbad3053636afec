// Files that only the user may read: written as a whole, and by one process at a time.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { codeOf } from './error-code'

const followed = (file: string): string => {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}

/** Replaces the file atomically, with mode 0600; creates its directory with mode 0700. Throws what the file system reports, and the old file stays. */
export const writePrivately = (file: string, text: string): void => {
  const target = followed(file)
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  const fd = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(fd, text)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, target)
  } catch (u) {
    rmSync(temporary, { force: true })
    throw u
  }
}

/** Milliseconds between two attempts to take a lock. */
const pause = 25
/** Milliseconds after which a lock counts as abandoned, whoever holds it. */
const longest = 600_000
/** The same for the lock under which an abandoned lock is removed, which takes a moment only. */
const longestRemoval = 10_000

const me = `${hostname()} ${process.pid}`

const take = async (lock: string): Promise<boolean> => {
  try {
    await writeFile(lock, me, { flag: 'wx', mode: 0o600 })
    return true
  } catch (u) {
    if (codeOf(u) === 'EEXIST') return false
    throw u
  }
}

const isOlder = (file: string, ms: number): boolean => {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > ms
}

/** Its process on this machine has ended, or it is too old. */
const isAbandoned = async (lock: string): Promise<boolean> => {
  const [host, pid] = (await readFile(lock, 'utf8').catch(() => '')).split(' ')
  if (host === hostname() && pid !== undefined)
    try {
      process.kill(Number(pid), 0)
    } catch (u) {
      if (codeOf(u) === 'ESRCH') return true
    }
  return isOlder(lock, longest)
}

/** Only one process at a time removes an abandoned lock, so that none removes the lock that another has taken since. */
const removeAbandoned = async (lock: string): Promise<void> => {
  if (!(await isAbandoned(lock))) return
  const removal = `${lock}.removal`
  if (!(await take(removal))) {
    if (isOlder(removal, longestRemoval)) await rm(removal, { force: true })
    return
  }
  if (await isAbandoned(lock)) await rm(lock, { force: true })
  await rm(removal, { force: true })
}

/** Runs `work` while no other process does so for the same file. A lock whose process has ended is removed. Rejects if the signal aborts before, or the lock cannot be created. */
export const withLock = async <A>(file: string, signal: AbortSignal, work: () => Promise<A>): Promise<A> => {
  const lock = `${followed(file)}.lock`
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 })
  while (!(await take(lock))) {
    await removeAbandoned(lock)
    await setTimeout(pause, undefined, { signal })
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
