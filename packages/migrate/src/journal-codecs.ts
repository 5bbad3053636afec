// The contents of a journal, checked when they are read: anybody may have changed the file.
import { ConflictStrategy, DrivePath, Json, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Identity, Lease, Outcome } from './journal'

const how = t.keyof({ 'as-asked': null, renamed: null })
const proof = t.type({ arrival: t.string, departure: t.string })
const error = t.type({ _tag: t.string, vendor: t.string, operation: t.string, message: t.string })

const KeptOutcome = t.union([
  t.intersection([
    t.type({ status: t.literal('carried'), to: DrivePath, how, bytes: t.number, proof }),
    t.partial({ version: t.string }),
  ]),
  t.type({ status: t.keyof({ made: null, merged: null }), to: DrivePath, how }),
  t.intersection([
    t.type({ status: t.literal('skipped') }),
    t.partial({ same: t.string, why: t.keyof({ 'not-newer': null, 'no-time': null }) }),
  ]),
  t.type({ status: t.literal('other'), what: t.string }),
  t.intersection([t.type({ status: t.literal('failed'), error }), t.partial({ to: DrivePath })]),
  t.type({ status: t.literal('blocked') }),
])
const KeptDecision = t.union([
  ConflictStrategy,
  t.keyof({ skip: null, newer: null, different: null }),
  t.strict({ renameTo: t.string }),
])
const KeptUpload = t.strict({ vendor: t.string, state: Json })
export const KeptCheckpoint = t.readonlyArray(
  t.intersection([t.strict({ path: DrivePath }), t.partial({ cursor: t.string })]),
)
const KeptBefore = t.union([t.null, t.readonlyArray(t.string)])
const end = t.strict({ vendor: t.string, path: DrivePath })
export const KeptIdentity: t.Type<Identity & { readonly label: string }, unknown> = t.strict({
  from: end,
  to: end,
  conflict: t.string,
  names: t.string,
  verify: t.string,
  removeSource: t.boolean,
  label: t.string,
})
const amount = t.type({ files: t.number, bytes: t.number })
export const KeptSample = t.type({
  run: t.string,
  at: t.number,
  files: t.number,
  bytes: t.number,
  failures: t.number,
  found: t.intersection([amount, t.type({ walked: t.boolean })]),
})
export type KeptSample = t.TypeOf<typeof KeptSample>

/** An entry, beside its path. */
const KeptEntry = t.intersection([
  t.type({ kind: t.string, settled: t.boolean }),
  t.partial({
    /** Bytes of the source. */
    size: t.number,
    version: t.string,
    owner: t.string,
    decision: KeptDecision,
    upload: KeptUpload,
    before: KeptBefore,
    placed: t.intersection([t.type({ to: DrivePath, bytes: t.number }), t.partial({ version: t.string })]),
    outcome: KeptOutcome,
  }),
])
export interface KeptEntry {
  readonly kind: EntryKind
  readonly settled: boolean
  readonly size?: number | undefined
  readonly version?: string | undefined
  readonly owner?: string | undefined
  readonly decision?: Lease['decision'] | undefined
  readonly upload?: Lease['upload'] | undefined
  readonly before?: Lease['before'] | undefined
  readonly placed?: Lease['placed'] | undefined
  /** Tags of errors and names of checksums are taken as they are written. */
  readonly outcome?: Outcome | undefined
}

const parsed = (text: string): unknown =>
  E.toUnion(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => undefined,
    ),
  )

/** JSON as it is kept; undefined where nothing is. */
export const read = <A>(codec: t.Type<A, unknown>, text: string | undefined): E.Either<'unreadable', A | undefined> =>
  text === undefined ? E.right(undefined) : E.mapLeft(() => 'unreadable' as const)(codec.decode(parsed(text)))

export const readEntry = (text: string): E.Either<'unreadable', KeptEntry> =>
  E.flatMap((entry: t.TypeOf<typeof KeptEntry> | undefined): E.Either<'unreadable', KeptEntry> =>
    entry === undefined ? E.left('unreadable') : E.right(entry as unknown as KeptEntry),
  )(read(KeptEntry, text))

/** What is counted of an entry that has an outcome. */
const CountedEntry = t.intersection([
  t.type({
    kind: t.string,
    settled: t.literal(true),
    outcome: t.intersection([
      t.type({
        status: t.keyof({
          carried: null,
          made: null,
          merged: null,
          skipped: null,
          other: null,
          failed: null,
          blocked: null,
        }),
      }),
      t.partial({ bytes: t.number }),
    ]),
  }),
  t.partial({ size: t.number }),
])
/** As `readEntry`, for counts: the rest of the entry is not checked, which takes most of the time. Undefined where it has no outcome or cannot be read. */
export const readCounted = (text: string): t.TypeOf<typeof CountedEntry> | undefined => {
  const entry = parsed(text)
  return CountedEntry.is(entry) ? entry : undefined
}
