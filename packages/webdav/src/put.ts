// PUT: the bytes on their way, and what a refusal of them is about.
import { nameConflict, notFound, type Answered, type DrivePath, type UploadSource, type WriteHow } from '@anydrive/core'
import type { HttpBody, HttpResponse } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { pipeline, Transform } from 'node:stream'
import { lasting, type Dav } from './context'
import { isMissing, isWorthALook, type Bad } from './faults'
import { wordOf, type Target } from './place'
import { tried, type Seen, type Tried } from './tries'

export interface Write {
  readonly dav: Dav
  readonly target: Target
  readonly source: UploadSource
  readonly how: WriteHow
  readonly signal: AbortSignal
}

const bodyOf = ({ source, how }: Write): HttpBody => ({
  stream: (signal) =>
    pipe(
      source.open({ start: 0, end: source.size }, signal),
      TE.map((stream) => {
        let bytes = 0
        const counted = new Transform({
          transform: (chunk: Buffer, _encoding, done) => {
            bytes += chunk.length
            how.onProgress(bytes)
            done(null, chunk)
          },
        })
        return pipeline(stream, counted, () => undefined)
      }),
    ),
  size: source.size,
  type: how.contentType ?? false,
})

/** As ownCloud and Nextcloud document them; others ignore them. */
const extras = ({ source, how }: Write): Record<string, string | undefined> => {
  const { modifiedAt } = how
  const { sha1, md5 } = source.checksums ?? {}
  const known = modifiedAt !== undefined && !Number.isNaN(modifiedAt.getTime())
  return {
    'x-oc-mtime': known ? String(Math.floor(modifiedAt.getTime() / 1000)) : undefined,
    'oc-checksum': sha1 !== undefined ? `SHA1:${sha1}` : md5 === undefined ? undefined : `MD5:${md5}`,
  }
}

/** What a refused PUT is about: a directory of that name, or something in its way. */
const refusal = ({ dav }: Write, path: DrivePath, fault: Bad, signal: AbortSignal): Answered<HttpResponse> =>
  !isWorthALook(fault) || fault._tag === 'PreconditionFailed'
    ? TE.left(fault)
    : pipe(
        dav.looks.find(path, signal),
        TE.flatMap((found) =>
          found !== undefined && found.kind !== 'file'
            ? TE.right<Bad, Bad | undefined>(nameConflict({ existing: found }))
            : dav.looks.blocker(path, signal),
        ),
        // A parent that was missing may have come meanwhile; there is nothing else that a PUT could miss.
        TE.flatMap((named) =>
          TE.left<Bad, HttpResponse>(
            named ?? (isMissing(fault) ? { ...fault, ...notFound({ what: 'parent' }) } : fault),
          ),
        ),
      )

/** Sent again, it replaces itself. nginx says 500 where the parent is missing, so one is looked into before any is repeated. */
export const put = (
  write: Write,
  path: DrivePath,
  headers: Record<string, string | undefined>,
  signal: AbortSignal,
): Answered<HttpResponse> => {
  const { dav } = write
  const send = (final: ReadonlyArray<number>) =>
    dav.api.put(
      { path, body: bodyOf(write), headers: { ...extras(write), ...headers }, repeat: 'idempotent', final },
      signal,
    )
  const again = (fault: Bad): Answered<HttpResponse> =>
    fault.http !== 500
      ? TE.left(fault)
      : pipe(
          dav.looks.blocker(path, lasting(signal)),
          TE.flatMap((named) => (named === undefined ? send([]) : TE.left<Bad, HttpResponse>(named))),
        )
  return pipe(
    send([500]),
    TE.orElse(again),
    TE.orElse((fault) => refusal(write, path, fault, lasting(signal))),
  )
}

/** Only if the name is free. After a lost answer, what has come to stand there with our size is ours. */
export const putOnce = (write: Write, path: DrivePath): Answered<Tried> => {
  const { dav, source, signal } = write
  const headers = { ...extras(write), 'if-none-match': '*' }
  const see = (sure: boolean, its: AbortSignal): Answered<Seen> =>
    pipe(
      dav.looks.find(path, its),
      TE.flatMap((found): Answered<Seen> => {
        if (found === undefined)
          return pipe(
            dav.looks.blocker(path, its),
            TE.map((fault) => (fault === undefined ? 'absent' : { fault })),
          )
        const ours = !sure && found.kind === 'file' && found.size === source.size && wordOf(write.target) === 'refuse'
        return TE.right(ours ? 'done' : sure || found.kind !== 'file' ? 'taken' : 'unknown')
      }),
    )
  return dav.alone(
    path,
    tried(
      dav,
      {
        call: dav.api.put({ path, body: bodyOf(write), headers, repeat: 'guarded' }, signal),
        see,
        check: 'whether the file is there, with these bytes',
      },
      signal,
    ),
  )
}
