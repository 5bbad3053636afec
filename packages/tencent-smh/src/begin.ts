// Beginning an upload: it is begun, or SMH holds the content already.
import {
  nameConflict,
  unexpectedResponse,
  type DrivePath,
  type Fault,
  type UploadSource,
  type WriteHow,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked, Begun } from './api'
import type { Smh } from './context'
import { beginningHashOf, blockSize, fullHashOf } from './instant'
import { answerIn } from './looks'
import { once, type Seen } from './once'
import { invisible } from './sending'
import { uploadPlanOf } from './settings'
import { callerTimes, fileWord } from './translate'
import type { BeginBody, BegunUpload, Uploaded } from './wire'

/** What one call of `writeFile` is about. */
export interface Write {
  readonly path: DrivePath
  readonly source: UploadSource
  readonly how: WriteHow
  readonly signal: AbortSignal
}
export type Beginning =
  | { readonly status: 'begun'; readonly upload: BegunUpload }
  | { readonly status: 'placed'; readonly file: Uploaded; readonly crc64: string | undefined }

/** The name is taken by a file, by a directory, or a file stands among the parents: one look tells. */
export const namedConflict =
  (smh: Smh, path: DrivePath, signal: AbortSignal) =>
  (fault: Fault): Asked<never> =>
    fault._tag === 'NameConflict' && fault.existing === undefined
      ? pipe(
          smh.looks.conflictAt(path, answerIn(fault), signal),
          TE.flatMap((exact) => TE.left(exact)),
        )
      : TE.left(fault)

/** A file of this size and checksum at the path, as an answer to the upload that put it there. */
const placedLike = (smh: Smh, write: Write, crc64: string): Asked<Seen<Begun>> =>
  pipe(
    smh.looks.find(write.path, write.signal),
    TE.map((found): Seen<Begun> => {
      if (found === undefined) return 'absent'
      if (write.how.conflict === 'rename') return 'unknown'
      const same = found.kind === 'file' && found.size === write.source.size && found.checksums.crc64xz === crc64
      if (same) return E.right({ status: 'placed', file: {} })
      return write.how.conflict === 'overwrite' && found.kind === 'file'
        ? 'absent'
        : E.left(nameConflict({ existing: found }))
    }),
  )

/** Left: neither an upload nor a file came of it. */
const nothingBegun: Fault = unexpectedResponse({
  issues: [{ at: 'confirmKey', expected: 'an upload, or a file', got: 'missing' }],
})

const ask = (smh: Smh, { path, source, how, signal }: Write, multipart: boolean, hashes: BeginBody): Asked<Begun> =>
  smh.api.beginUpload(
    {
      path,
      multipart,
      strategy: fileWord(how.conflict),
      size: source.size,
      body: { ...callerTimes(how), ...hashes },
    },
    signal,
  )

const concluded =
  (crc64: string | undefined) =>
  (begun: Begun): E.Either<Fault, Beginning> => {
    if (begun.status === 'candidate') return E.left(nothingBegun)
    return E.right(begun.status === 'placed' ? { ...begun, crc64 } : begun)
  }

const withFullHash = (smh: Smh, write: Write, multipart: boolean, hashes: BeginBody): Asked<Beginning> =>
  pipe(
    fullHashOf(write.source, write.signal),
    TE.flatMap(({ fullHash, crc64 }) =>
      pipe(
        once<Begun>(smh, {
          call: () => ask(smh, write, multipart, { ...hashes, fullHash }),
          look: placedLike(smh, write, crc64),
          check: `/${write.path}`,
          signal: write.signal,
        }),
        TE.flatMapEither(concluded(crc64)),
      ),
    ),
  )

/** One request; for a file of 1 MiB and more whose beginning SMH knows, a second reading of the source and one request more. */
export const beginUpload = (smh: Smh, write: Write, multipart: boolean): Asked<Beginning> => {
  const { source, signal, path } = write
  const begin =
    uploadPlanOf(smh.settings).instant && source.size >= blockSize
      ? pipe(
          beginningHashOf(source, signal),
          TE.flatMap((beginningHash): Asked<Beginning> => {
            const hashes = { beginningHash, size: String(source.size) }
            return pipe(
              invisible(ask(smh, write, multipart, hashes)),
              TE.flatMap((begun) =>
                begun.status === 'candidate'
                  ? withFullHash(smh, write, multipart, hashes)
                  : TE.fromEither(concluded(undefined)(begun)),
              ),
            )
          }),
        )
      : pipe(invisible(ask(smh, write, multipart, {})), TE.flatMapEither(concluded(undefined)))
  return pipe(begin, TE.orElseW(namedConflict(smh, path, signal)))
}
