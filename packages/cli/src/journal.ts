// The journal of a migration, by the options of the command: opens it, refuses it, and shows it.
import {
  journalStatus,
  memoryJournal,
  sqliteJournal,
  type Journal,
  type JournalError,
  type JournalStatus,
  type MigrateError,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Context } from './context'
import { exits, ofMigration, usage, type ExitCode, type Problem } from './problem'
import { filesText } from './progress'
import { countText, nameText, shellWord, tableText } from './text'

export interface Journalling {
  readonly journal?: string
  readonly resume?: boolean
  readonly retryFailed?: boolean
  readonly status?: boolean
  /** The file of the page to be made from the journal. */
  readonly report?: string
}

export interface Kept {
  readonly journal: Journal
  /** The path of its file; undefined in memory. */
  readonly file?: string
  readonly close: () => void
}

const remedyOfJournal = ({ _tag }: JournalError, file: string): string => {
  switch (_tag) {
    case 'JournalTaken':
      return `Wait until the other process has ended; anydrive migrate --status --journal ${shellWord(file)} shows how far it is.`
    case 'JournalMismatch':
      return 'Give the same source, target and options as before, or another --journal FILE to start again.'
    case 'JournalCorrupt':
      return 'Restore the file from a backup, or start again with another --journal FILE and --conflict skip, which keeps what has arrived.'
    case 'JournalFull':
      return `Make room on its disk, then run it again with --journal ${shellWord(file)} --resume.`
  }
}

const journalTags: ReadonlySet<string> = new Set<JournalError['_tag']>([
  'JournalTaken',
  'JournalMismatch',
  'JournalCorrupt',
  'JournalFull',
])
const isOfJournal = (error: MigrateError): error is JournalError => journalTags.has(error._tag)

export const ofJournal = (error: JournalError, file: string): Problem => ({
  exit: error._tag === 'JournalFull' ? exits.partly : exits.usage,
  message: error.message,
  remedy: remedyOfJournal(error, file),
  error,
})

/** Why a migration ended; with a journal, how to continue. */
export const ofJournalled = (error: MigrateError, { journal }: Journalling): Problem => {
  if (isOfJournal(error)) return ofJournal(error, journal ?? 'FILE')
  const problem = ofMigration(error)
  return journal === undefined || error._tag !== 'Stopped'
    ? problem
    : { ...problem, remedy: `Run the same command again with --journal ${shellWord(journal)} --resume to continue.` }
}

/** Found out by writing: permissions do not tell all. */
const isWritable = (dir: string): boolean => {
  const trial = join(dir, `.anydrive-${randomBytes(6).toString('hex')}`)
  try {
    closeSync(openSync(trial, 'wx'))
    rmSync(trial)
    return true
  } catch {
    return false
  }
}

/** Undefined where nothing is there, or nothing can be. */
const statsOf = (file: string): Stats | undefined => {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

/** A journal that exists is only continued on request, and one that is to be continued must exist. */
const misused = (file: string, journalling: Journalling): Problem | undefined => {
  const continues = journalling.resume === true || journalling.retryFailed === true
  const found = statsOf(file)
  if (found !== undefined && !found.isFile())
    return usage(`the journal ${file} is not a regular file`, 'Name another --journal FILE.')
  if (found !== undefined)
    return continues
      ? undefined
      : usage(`${file} already exists`, 'Add --resume to continue that migration, or name another --journal FILE.')
  if (!existsSync(dirname(file)))
    return usage(`${dirname(file)} does not exist`, 'Create the directory, or name another --journal FILE.')
  if (!isWritable(dirname(file)))
    return usage(`nothing can be written to ${dirname(file)}`, 'Name another --journal FILE.')
  return continues ? usage(`there is no journal ${file}`, 'Leave --resume out to start a migration.') : undefined
}

/** Only for a report: a migration cannot be continued from it. */
const temporaryJournal = (): E.Either<Problem, Kept> => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-report-'))
  const file = join(dir, 'journal')
  const opened = sqliteJournal(file)
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true })
  }
  if (E.isLeft(opened)) {
    remove()
    return E.left({
      ...ofJournal(opened.left, file),
      remedy: 'Set the environment variable TMPDIR to a directory with enough room.',
    })
  }
  const { close } = opened.right
  return E.right({
    journal: { ...opened.right, durable: false },
    file,
    close: () => {
      close()
      remove()
    },
  })
}

/** Nothing was written to it, so that there is nothing to resume. */
const unopened = (error: JournalError, file: string): Problem =>
  error._tag === 'JournalFull'
    ? { ...ofJournal(error, file), exit: exits.usage, remedy: 'Name another --journal FILE, or make room there.' }
    : ofJournal(error, file)

/** Opens it; in memory, unless a file is named. */
export const openJournal = ({ io }: Context, journalling: Journalling, label: string): E.Either<Problem, Kept> => {
  const { journal, report, resume, retryFailed } = journalling
  if (journal === undefined)
    return resume === true || retryFailed === true
      ? E.left(
          usage('--resume and --retry-failed need --journal FILE', 'Name the journal of the migration to continue.'),
        )
      : report === undefined
        ? E.right({ journal: memoryJournal, close: () => undefined })
        : temporaryJournal()
  const file = resolve(io.cwd, journal)
  const problem = misused(file, journalling)
  if (problem !== undefined) return E.left(problem)
  const opened = sqliteJournal(file, { label, retryFailed, resume: resume === true || retryFailed === true })
  return E.isLeft(opened)
    ? E.left(unopened(opened.left, journal))
    : E.right({ journal: opened.right, file, close: opened.right.close })
}

const statusLines = (s: JournalStatus): ReadonlyArray<string> => [
  ...tableText([
    ['state', s.state === 'stopped' ? 'stopped; --resume continues it' : s.state],
    ...(s.label === '' ? [] : [['migration', s.label]]),
    ['transferred', filesText(s.carried, s.bytes)],
    ['directories', `${s.directories} created${s.merged > 0 ? `, ${s.merged} already existed` : ''}`],
    ...(s.claimed > 0 ? [['started', `${countText(s.claimed, 'entry', 'entries')}, without a result`]] : []),
    ...(s.skipped > 0 ? [['kept', `${s.skipped} at the target`]] : []),
    ...(s.others > 0 ? [['skipped', String(s.others)]] : []),
    ...(s.blocked > 0 ? [['blocked', String(s.blocked)]] : []),
    ...(s.failures > 0 ? [['failed', `${s.failures}; --retry-failed retries them`]] : []),
  ]),
  ...s.failed.map(({ path, message }) => `  failed ${nameText(`/${path}`)}: ${nameText(message)}`),
]

/** Shows what the journal holds, also while a migration writes it. */
export const showStatus = async (
  { io, out }: Context,
  file: string | undefined,
): Promise<E.Either<Problem, ExitCode>> => {
  if (file === undefined) return E.left(usage('--status needs --journal FILE', 'Name the journal of the migration.'))
  const status = journalStatus(resolve(io.cwd, file))
  if (E.isLeft(status))
    return E.left({ ...ofJournal(status.left, file), remedy: 'Name the file that was given to --journal.' })
  if (out.json) await out.document(status.right)
  else for (const line of statusLines(status.right)) await out.line(line)
  return E.right(exits.done)
}
