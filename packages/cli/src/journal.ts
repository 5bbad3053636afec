// A migration's journal as options of the command: opened, refused, and shown.
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
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Context } from './context'
import { exits, ofMigration, usage, type ExitCode, type Problem } from './problem'
import { carriedText } from './progress'
import { countText, nameText, tableText } from './text'

export interface Journalling {
  readonly journal?: string
  readonly resume?: boolean
  readonly retryFailed?: boolean
  readonly status?: boolean
  /** A page is to be made of what the journal holds. */
  readonly report?: string
}

export interface Kept {
  readonly journal: Journal
  /** Where it is; undefined in memory. */
  readonly file?: string
  readonly close: () => void
}

const remedies: { readonly [T in JournalError['_tag']]: string } = {
  JournalTaken: 'Wait until the other one has ended; anydrive migrate --status --journal FILE shows how far it is.',
  JournalMismatch: 'Give the same source, target and options as before, or another --journal FILE to begin anew.',
  JournalCorrupt:
    'Restore the file from a copy, or begin anew with another --journal FILE and --conflict skip or overwrite: what arrived is not sent twice.',
  JournalFull: 'Make room on this disk, then run it again with --resume.',
}

const isOfJournal = (error: MigrateError): error is JournalError => error._tag in remedies

const ofJournal = (error: JournalError): Problem => ({
  exit: error._tag === 'JournalFull' ? exits.partly : exits.usage,
  message: error.message,
  remedy: remedies[error._tag],
  error,
})

/** What ended a migration; with a journal, how to go on. */
export const ofJournalled = (error: MigrateError, { journal }: Journalling): Problem => {
  if (isOfJournal(error)) return ofJournal(error)
  const problem = ofMigration(error)
  return journal === undefined || error._tag !== 'Stopped'
    ? problem
    : { ...problem, remedy: `Run it again with --resume to go on: the same command, --journal ${journal} --resume.` }
}

/** A journal that stands is continued only if that is asked for, and one that is to be continued must stand. */
const misused = (file: string, journalling: Journalling): Problem | undefined => {
  const goesOn = journalling.resume === true || journalling.retryFailed === true
  if (existsSync(file))
    return goesOn
      ? undefined
      : usage(`${file} stands already`, 'Add --resume to go on with that migration, or name another --journal FILE.')
  if (!existsSync(dirname(file)))
    return usage(`${dirname(file)} does not exist`, 'A journal is kept in a directory that stands.')
  return goesOn ? usage(`there is no journal ${file}`, 'Leave --resume out to begin a migration.') : undefined
}

/** For a report alone: nothing is gone on with from it. */
const passingJournal = (): E.Either<Problem, Kept> => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-report-'))
  const file = join(dir, 'journal')
  const opened = sqliteJournal(file)
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true })
  }
  if (E.isLeft(opened)) {
    remove()
    return E.left(ofJournal(opened.left))
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

/** In memory, unless a file is named. */
export const openJournal = ({ io }: Context, journalling: Journalling, label: string): E.Either<Problem, Kept> => {
  const { journal, report, resume, retryFailed } = journalling
  if (journal === undefined)
    return resume === true || retryFailed === true
      ? E.left(usage('--resume and --retry-failed need --journal FILE'))
      : report === undefined
        ? E.right({ journal: memoryJournal, close: () => undefined })
        : passingJournal()
  const file = resolve(io.cwd, journal)
  const problem = misused(file, journalling)
  if (problem !== undefined) return E.left(problem)
  const opened = sqliteJournal(file, { label, retryFailed, resume: resume === true || retryFailed === true })
  return E.isLeft(opened)
    ? E.left(ofJournal(opened.left))
    : E.right({ journal: opened.right, file, close: opened.right.close })
}

const statusLines = (s: JournalStatus): ReadonlyArray<string> => [
  ...tableText([
    ['state', s.state === 'stopped' ? 'stopped; --resume goes on' : s.state],
    ...(s.label === '' ? [] : [['migration', s.label]]),
    ['carried', carriedText(s.carried, s.bytes)],
    ['directories', `${s.directories} made${s.merged > 0 ? `, ${s.merged} stood already` : ''}`],
    ...(s.claimed > 0 ? [['begun', `${countText(s.claimed, 'entry', 'entries')}, not yet settled`]] : []),
    ...(s.skipped > 0 ? [['skipped', String(s.skipped)]] : []),
    ...(s.others > 0 ? [['not carried', String(s.others)]] : []),
    ...(s.blocked > 0 ? [['blocked', String(s.blocked)]] : []),
    ...(s.failures > 0 ? [['failed', `${s.failures}; --retry-failed tries them again`]] : []),
  ]),
  ...s.failed.map(({ path, message }) => `  failed ${nameText(`/${path}`)}: ${nameText(message)}`),
]

/** What the journal tells, whether a migration writes it or not. */
export const showStatus = async (
  { io, out }: Context,
  file: string | undefined,
): Promise<E.Either<Problem, ExitCode>> => {
  if (file === undefined) return E.left(usage('--status needs --journal FILE'))
  const status = journalStatus(resolve(io.cwd, file))
  if (E.isLeft(status)) return E.left({ ...ofJournal(status.left), remedy: 'Name the file that --journal was given.' })
  if (out.json) await out.document(status.right)
  else for (const line of statusLines(status.right)) await out.line(line)
  return E.right(exits.done)
}
