// The journal: what a migration knows of each entry, kept before an effect and after it is confirmed.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Cursor, DriveError, DrivePath, EntryKind, UploadRef } from '@anydrive/core'
import type { Decision } from './options'
import type { Proof } from './proof'

export type JournalError = {
  /** `JournalTaken`: another process holds it. `JournalMismatch`: it is of another migration. `JournalCorrupt`: it cannot be read. `JournalFull`: nothing more can be written. */
  readonly _tag: 'JournalTaken' | 'JournalMismatch' | 'JournalCorrupt' | 'JournalFull'
  readonly message: string
}

/** What became of one entry. */
export type Outcome =
  | {
      readonly status: 'carried'
      readonly to: DrivePath
      readonly how: 'as-asked' | 'renamed'
      readonly bytes: number
      readonly proof: Proof
      /** The destination held these bytes already: none were sent. */
      readonly instant?: boolean
    }
  | {
      readonly status: 'made' | 'merged'
      readonly to: DrivePath
      readonly how: 'as-asked' | 'renamed'
    }
  /** `same`: by what the two are known to be equal; absent where they differ, or nobody knows. */
  | { readonly status: 'skipped'; readonly same?: string }
  /** Neither file nor directory. */
  | { readonly status: 'other'; readonly what: string }
  | { readonly status: 'failed'; readonly error: DriveError; readonly to?: DrivePath }
  /** The directory above it failed. */
  | { readonly status: 'blocked' }

export interface Item {
  readonly path: DrivePath
  readonly kind: EntryKind
  /** Of the source; a file that has another is not the one that was settled. */
  readonly version?: string | undefined
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

/** Where the walk of the source stands: the directories that are open, the outermost first, each with the page that is being read. */
export type Frontier = ReadonlyArray<{ readonly path: DrivePath; readonly cursor?: Cursor }>

/** How far a run was at a moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of this run alone. */
  readonly files: number
  readonly bytes: number
  readonly failures: number
}

/** Each right is durable before it is answered. A left ends the migration; nothing is done that is not journalled. */
export interface Journal {
  /** Survives this process: an interrupted upload is left to be resumed instead of being abandoned. */
  readonly durable: boolean
  /** First of all, once for each run. The left names what differs where the journal is of another migration. */
  readonly begin: (identity: Identity) => TaskEither<JournalError, void>
  /** Last of all. `complete`: every entry has its outcome. */
  readonly end: (how: { readonly complete: boolean }) => TaskEither<JournalError, void>
  /** Before the first effect on the entry. */
  readonly claim: (item: Item) => TaskEither<JournalError, Claim>
  /** Before an effect that follows from it; keeps the lease alive. `upload: undefined` forgets the upload. */
  readonly note: (
    lease: Lease,
    progress:
      { readonly decision: Decision } | { readonly upload: UploadRef | undefined } | { readonly before: Before },
  ) => TaskEither<JournalError, void>
  /** Whether a file at `to` belongs to another entry, settled there, or may: the source's entry of that name is under way. */
  readonly accounts: (place: {
    readonly to: DrivePath
    readonly source: DrivePath
  }) => TaskEither<JournalError, boolean>
  /** After the effect is confirmed; ends the lease. */
  readonly settle: (lease: Lease, outcome: Outcome) => TaskEither<JournalError, void>
  /** A hint for the run that goes on: `undefined` where there is none. Entries before it may still be unsettled. */
  readonly walkedTo: (frontier: Frontier | undefined) => TaskEither<JournalError, void>
  readonly frontier: () => TaskEither<JournalError, Frontier | undefined>
  readonly sample: (sample: Sample) => TaskEither<JournalError, void>
  /** Ends the lease with nothing settled: the migration was stopped. */
  readonly release: (lease: Lease) => TaskEither<JournalError, void>
}

const done = () => Promise.resolve(E.right(undefined))

/** Keeps nothing: for one run, in one process, in constant memory. */
export const memoryJournal: Journal = {
  durable: false,
  begin: () => done,
  end: () => done,
  claim: (item) => () => Promise.resolve(E.right({ status: 'leased', lease: { path: item.path } })),
  note: () => done,
  accounts: () => () => Promise.resolve(E.right(false)),
  settle: () => done,
  walkedTo: () => done,
  frontier: () => done,
  sample: () => done,
  release: () => done,
}
