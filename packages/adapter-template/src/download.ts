// readFile: the file is found, then read; core counts the bytes, goes on where a stream broke, and asks the verifier.
import {
  checksumMismatch,
  preconditionFailed,
  type Always,
  type DriveError,
  type Fault,
  type FileEntry,
  type Opened,
  type Verifier,
} from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import type { BoxApi } from './api'
import { toFile } from './translate'

const sha256Verifier = ({ checksums }: FileEntry): Verifier => {
  const hash = createHash('sha256')
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    verdict: () => (hash.digest('hex') === checksums.sha256 ? undefined : checksumMismatch({ algorithm: 'sha256' })),
  }
}

/** Found first, so that every piece is of one version: Box tells with each answer which bytes they are of. */
export const readFile =
  (api: BoxApi): Always['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      api.stat(path, signal),
      TE.flatMapEither(toFile),
      TE.filterOrElse(
        ({ version }): boolean => ifVersion === undefined || version === ifVersion,
        (): Fault | DriveError => preconditionFailed(),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: (start, own) =>
          pipe(
            api.download(path, { start, end: Math.min(range.end ?? entry.size, entry.size) }, own),
            TE.flatMap(({ header, stream }) => {
              if (header('x-box-sha256') === entry.version && stream !== undefined) return TE.right(stream)
              stream?.destroy()
              return TE.left(preconditionFailed())
            }),
          ),
        verifier: () => sha256Verifier(entry),
      })),
    )
