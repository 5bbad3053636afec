// The journal: the state of each entry, written before an effect and after it is confirmed.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Cursor, DriveError, DrivePath, EntryKind, UploadRef } from '@anydrive/core'
import type { Decision } from './conflict'
import type { Proof } from './proof'

export type JournalError = {
  /**
   * `JournalTaken`: another process holds it. `JournalMismatch`: it belongs to another migration. `JournalCorrupt`: it is damaged, incomplete or missing. `JournalFull`: nothing
   * more can be written.
   */
  readonly _tag: 'JournalTaken' | 'JournalMismatch' | 'JournalCorrupt' | 'JournalFull'
  readonly message: string
}

/** Why `newer` keeps a file that is not known to be equal: the source is not later, or one of the two has no modification time. */
export type KeptBecause = 'not-newer' | 'no-time'

/** What became of one entry. */
export type Outcome =
  | {
      readonly status: 'carried'
      readonly to: DrivePath
      readonly how: 'as-asked' | 'renamed'
      readonly bytes: number
      readonly proof: Proof
      /** Of the copy, where the destination has versions. */
      readonly version?: string
      /** The destination held these bytes already: none were sent. */
      readonly instant?: boolean
    }
  | {
      readonly status: 'made' | 'merged'
      readonly to: DrivePath
      readonly how: 'as-asked' | 'renamed'
    }
  /** `same`: by what the two are known to be equal; absent where they differ, or nobody knows. `why`: the reason of the strategy `newer`. */
  | { readonly status: 'skipped'; readonly same?: string; readonly why?: KeptBecause }
  /** Neither file nor directory. */
  | { readonly status: 'other'; readonly what: string }
  | { readonly status: 'failed'; readonly error: DriveError; readonly to?: DrivePath }
  /** The directory above it failed. */
  | { readonly status: 'blocked' }

/** What this migration put at the target for an entry. */
export interface Copy {
  readonly to: DrivePath
  readonly bytes: number
  readonly version?: string
}

export interface Item {
  readonly path: DrivePath
  readonly kind: EntryKind
  /** Of the source; a file that has another is not the one that was settled. */
  readonly version?: string | undefined
  /** Bytes, of a file. */
  readonly size?: number | undefined
}

/** What a migration is, so that a journal is not taken for another one's. */
export interface Identity {
  readonly from: { readonly vendor: string; readonly path: DrivePath }
  readonly to: { readonly vendor: string; readonly path: DrivePath }
  /** The strategy; `function` where the program decides. */
  readonly conflict: string
  readonly names: string
  readonly verify: string
  readonly removeSource: boolean
}

/** The right to work on one entry, and what an earlier attempt, perhaps in another process, has left of it. */
export interface Lease {
  readonly path: DrivePath
  /** An earlier attempt began and nobody knows how it ended: what stands may be its effect. */
  readonly interrupted?: boolean
  readonly decision?: Decision
  readonly upload?: UploadRef
  readonly before?: Before
  /** The copy of an earlier state of the source, which the new one is to replace. */
  readonly placed?: Copy
  /** The entry was among the `settled` of the totals with which the run began. */
  readonly counted?: boolean
}
/** Names of the files of the same size that stood in the directory before the vendor was asked to pick a free name; null: too many to tell. */
export type Before = ReadonlyArray<string> | null
export type Claim =
  | { readonly status: 'leased'; readonly lease: Lease }
  /** An earlier run has done it. */
  | {
      readonly status: 'settled'
      readonly outcome: Outcome
      /** By this very run. */
      readonly own?: boolean
    }
  /** Another worker has it. */
  | { readonly status: 'held' }

/** How far the walk of the source has come: the directories that are open, the outermost first, each with the page that is being read. */
export type WalkCheckpoint = ReadonlyArray<{ readonly path: DrivePath; readonly cursor?: Cursor }>

/** How far a run was at a moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Transferred, sent and failed, by this run alone. */
  readonly files: number
  readonly bytes: number
  readonly failures: number
  /** What the migration has found so far: everything if `walked`. */
  readonly found: { readonly files: number; readonly bytes: number; readonly walked: boolean }
}

interface FilesAndBytes {
  readonly files: number
  readonly bytes: number
}
/** What earlier runs of a migration did. */
export interface Totals {
  /** Files that have an outcome which this run does not try to improve. */
  readonly settled: FilesAndBytes
  readonly transferred: FilesAndBytes
  readonly found: FilesAndBytes
  /** The last ones of the latest run. */
  readonly samples: ReadonlyArray<Sample>
}
export const noTotals: Totals = {
  settled: { files: 0, bytes: 0 },
  transferred: { files: 0, bytes: 0 },
  found: { files: 0, bytes: 0 },
  samples: [],
}

/** Each right is durable before it is answered. A left ends the migration; nothing is done that is not journalled. */
export interface Journal {
  /** Survives this process: an interrupted upload is left to be resumed instead of being abandoned. */
  readonly durable: boolean
  /** The files on this machine that the journal consists of. */
  readonly files?: ReadonlyArray<string>
  /** The first call of each run. A `JournalMismatch` names what differs. */
  readonly begin: (identity: Identity) => TaskEither<JournalError, Totals>
  /** The last call of each run. `complete`: the run came to its end. */
  readonly end: (how: { readonly complete: boolean }) => TaskEither<JournalError, void>
  /** Before the first effect on the entry. */
  readonly claim: (item: Item) => TaskEither<JournalError, Claim>
  /** Before an effect that follows from it; keeps the lease alive. `upload: undefined` forgets the upload. */
  readonly note: (
    lease: Lease,
    progress:
      { readonly decision: Decision } | { readonly upload: UploadRef | undefined } | { readonly before: Before },
  ) => TaskEither<JournalError, void>
  /** Whether a file at `to` belongs to another entry: one that was settled there, or the entry `source`, which is being worked on. */
  readonly accounts: (place: {
    readonly to: DrivePath
    readonly source: DrivePath
  }) => TaskEither<JournalError, boolean>
  /** After the effect is confirmed; ends the lease. */
  readonly settle: (lease: Lease, outcome: Outcome) => TaskEither<JournalError, void>
  /** Where a run that resumes starts to look for new work. Entries before it may still be unsettled. */
  readonly saveWalkCheckpoint: (checkpoint: WalkCheckpoint) => TaskEither<JournalError, void>
  readonly walkCheckpoint: () => TaskEither<JournalError, WalkCheckpoint | undefined>
  readonly sample: (sample: Sample) => TaskEither<JournalError, void>
  /** Ends the lease with nothing settled: the migration was stopped. */
  readonly release: (lease: Lease) => TaskEither<JournalError, void>
}

const done = () => Promise.resolve(E.right(undefined))

/** Keeps nothing: for one run, in one process, in constant memory. */
export const memoryJournal: Journal = {
  durable: false,
  begin: () => () => Promise.resolve(E.right(noTotals)),
  end: () => done,
  claim: (item) => () => Promise.resolve(E.right({ status: 'leased', lease: { path: item.path } })),
  note: () => done,
  accounts: () => () => Promise.resolve(E.right(false)),
  settle: () => done,
  saveWalkCheckpoint: () => done,
  walkCheckpoint: () => done,
  sample: () => done,
  release: () => done,
}
