// An upload under way, as plain JSON: enough to go on in another process, and nothing secret.
import { ConflictStrategy, DrivePath, notFound, type Fault, type Json } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

const Common = t.type({ upload: t.string, path: DrivePath, size: t.number, conflict: ConflictStrategy })
/** `crc64`: the bytes are all there, and only the confirmation is missing. */
const Single = t.exact(t.intersection([Common, t.type({ kind: t.literal('single') }), t.partial({ crc64: t.string })]))
/** `crc64` is that of the first `through` parts; the service itself lists all parts that it has. */
const Multipart = t.exact(
  t.intersection([
    Common,
    t.type({ kind: t.literal('multipart'), partSize: t.number, through: t.number, crc64: t.string }),
  ]),
)
export type SingleState = t.TypeOf<typeof Single>
export type MultipartState = t.TypeOf<typeof Multipart>
export type UploadState = SingleState | MultipartState
const State = t.union([Single, Multipart])

export const stateOf = (state: UploadState): Json => State.encode(state)

/** A state that is not ours is an upload that nobody knows. */
export const readState = (json: Json): E.Either<Fault, UploadState> =>
  E.mapLeft((): Fault => notFound({ what: 'upload' }))(State.decode(json))
