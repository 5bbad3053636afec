// What a kept journal holds, checked when it is read: a file may have been changed by anybody.
import { ConflictStrategy, DrivePath, Json } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Identity, Outcome } from './journal'

const how = t.keyof({ 'as-asked': null, renamed: null })
const proof = t.type({ arrival: t.string, departure: t.string })
const error = t.type({ _tag: t.string, vendor: t.string, operation: t.string, message: t.string })

const KeptOutcome = t.union([
  t.type({ status: t.literal('carried'), to: DrivePath, how, bytes: t.number, proof }),
  t.type({ status: t.keyof({ made: null, merged: null }), to: DrivePath, how }),
  t.intersection([t.type({ status: t.literal('skipped') }), t.partial({ same: t.string })]),
  t.type({ status: t.literal('other'), what: t.string }),
  t.intersection([t.type({ status: t.literal('failed'), error }), t.partial({ to: DrivePath })]),
  t.type({ status: t.literal('blocked') }),
])
export const KeptDecision = t.union([ConflictStrategy, t.literal('skip'), t.strict({ renameTo: t.string })])
export const KeptUpload = t.strict({ vendor: t.string, state: Json })
export const KeptFrontier = t.readonlyArray(
  t.intersection([t.strict({ path: DrivePath }), t.partial({ cursor: t.string })]),
)
export const KeptBefore = t.union([t.null, t.readonlyArray(t.string)])
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
export const KeptRow = t.type({
  kind: t.string,
  version: t.union([t.string, t.null]),
  owner: t.union([t.string, t.null]),
  settled: t.number,
  decision: t.union([t.string, t.null]),
  upload: t.union([t.string, t.null]),
  before: t.union([t.string, t.null]),
  outcome: t.union([t.string, t.null]),
})
export type KeptRow = t.TypeOf<typeof KeptRow>

const parsed = (text: string): unknown =>
  E.toUnion(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => undefined,
    ),
  )

/** A column of JSON; null is nothing kept, a left something that cannot be. */
export const read = <A>(codec: t.Type<A, unknown>, text: string | null): E.Either<'unreadable', A | undefined> =>
  text === null ? E.right(undefined) : E.mapLeft(() => 'unreadable' as const)(codec.decode(parsed(text)))

/** Tags of errors and names of checksums are taken as they are written. */
export const readOutcome = (text: string | null): E.Either<'unreadable', Outcome | undefined> =>
  E.map((kept: t.TypeOf<typeof KeptOutcome> | undefined) => kept as Outcome | undefined)(read(KeptOutcome, text))
