// listVersions, restoreVersion, downloadUrl and setTimes: what a file was, and what is told or set of it.
import { reveal, type DrivePath, type FileEntry, type FileVersion, type Page } from '@anydrive/core'
import { notFound, unsupported, wrongKind, type OptionalOperations, type RawResult } from '@anydrive/core/adapter'
import { attempt, unknownOutcome, withGracePeriod, type Failure, type Finding, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { lookup } from './entries'
import { answerIn, isMissing } from './errors'
import { unexpected } from './read'
import { bounds } from './settings'
import { callerTimes, toFileEntry, toVersions, type Seen } from './translate'
import type { Info } from './wire'

/** For an operation on a file: a 404 may be about an entry of another kind. */
const withFile =
  <A>(smh: Smh, path: DrivePath, signal: AbortSignal) =>
  (call: RawResult<A>): RawResult<A> =>
  async () => {
    const result = await call()
    if (E.isRight(result) || !isMissing(result.left)) return result
    const found = await lookup(smh, path, signal)()
    return E.isRight(found) && found.right !== undefined && found.right.entry.kind !== 'file'
      ? E.left(wrongKind({ ...answerIn(result.left), expected: 'file' }))
      : result
  }

const page = (smh: Smh, path: DrivePath, marker: string | undefined, limit: number, signal: AbortSignal) =>
  pipe(
    smh.api.listHistory(path, { marker, limit }, signal),
    TE.map((history): Page<FileVersion> => toVersions(history)),
    withFile(smh, path, signal),
  )

export const listVersions =
  (smh: Smh): OptionalOperations['listVersions'] =>
  (path, { cursor, limit }, { signal }) =>
    page(smh, path, cursor, limit, signal)

/** The call takes an id alone: whether it is one of this file's, only the history says. */
const find = async (
  smh: Smh,
  path: DrivePath,
  id: string,
  signal: AbortSignal,
): Promise<E.Either<Failure, FileVersion>> => {
  for (let marker: string | undefined; ;) {
    const listed = await page(smh, path, marker, bounds.page, signal)()
    if (E.isLeft(listed)) return listed
    const found = listed.right.items.find(({ versionId }) => versionId === id)
    if (found !== undefined) return E.right(found)
    marker = listed.right.next
    if (marker === undefined) return E.left(notFound({ what: 'version' }))
  }
}

const fileOf = (entry: Seen['entry'] | undefined): E.Either<Failure, FileEntry> =>
  entry?.kind === 'file' ? E.right(entry) : E.left(notFound({ what: 'source' }))

/** The content of the version, changed after the request. */
const proofOf =
  (smh: Smh, { checksums: { crc64xz } }: FileVersion) =>
  (seen: Seen | undefined, sent: Sent): Finding<FileEntry> => {
    if (seen?.entry.kind !== 'file') return { is: 'unproven' }
    const its = seen.entry.checksums.crc64xz
    if (crc64xz !== undefined && its !== undefined && its !== crc64xz) return { is: 'not-done' }
    return smh.clock.compare(seen.modified, sent.at) === 'after' && its !== undefined
      ? { is: 'done', value: seen.entry }
      : { is: 'unproven', found: seen.entry }
  }

export const restoreVersion =
  (smh: Smh): OptionalOperations['restoreVersion'] =>
  (path, id, { signal }) =>
  async () => {
    const version = await find(smh, path, id, signal)
    if (E.isLeft(version)) return version
    if (version.right.current)
      return pipe(
        await lookup(smh, path, signal)(),
        E.flatMap((seen): E.Either<Failure, FileEntry> => fileOf(seen?.entry)),
      )
    return attempt<FileEntry, Seen | undefined>({
      ...smh.how(signal),
      send: () =>
        pipe(
          smh.api.setLatestVersion(id, signal),
          TE.flatMapEither((info: Info) => toFileEntry(path, info)),
        ),
      repeat: 'if-not-done',
      lookup: (its) => lookup(smh, path, its),
      proof: proofOf(smh, version.right),
      check: `the content of /${path}`,
    })()
  }

/** Seconds that SMH signs a link for. */
const link = { min: 60, max: 7200 } as const

export const downloadUrl =
  (smh: Smh): OptionalOperations['downloadUrl'] =>
  (path, { expiresIn = Infinity }, { signal }) => {
    const period = Math.min(link.max, Math.max(link.min, Math.ceil(expiresIn / 1000)))
    const asked = smh.timers.now()
    return pipe(
      smh.api.download(path, signal, { period }),
      withFile(smh, path, signal),
      TE.flatMapEither(({ cosUrl: url }) =>
        /^https?:\/\//.test(reveal(url))
          ? E.right({ url, expiresAt: new Date(asked + period * 1000) })
          : E.left(unexpected('cosUrl', 'a URL', 'string')),
      ),
    )
  }

/** The documents promise it for files. Of a directory the entry shows whether it was done. */
export const setTimes =
  (smh: Smh): OptionalOperations['setTimes'] =>
  (path, times, { signal }) =>
    pipe(
      smh.repeated(signal, smh.api.updateAttributes(path, callerTimes(times), signal)),
      TE.flatMap(() =>
        pipe(
          withGracePeriod(signal, (its) => lookup(smh, path, its)),
          TE.mapLeft((fault) => unknownOutcome(`the times of /${path}`, fault, { likely: 'done' })),
        ),
      ),
      TE.flatMapEither((seen): E.Either<Failure, void> => {
        if (seen === undefined) return E.left(notFound({ what: 'source' }))
        const { createdAt, modifiedAt } = seen.entry
        const kept = (given: Date | undefined, its: Date | undefined): boolean =>
          given === undefined || given.getTime() === its?.getTime()
        return kept(times.createdAt, createdAt) && kept(times.modifiedAt, modifiedAt)
          ? E.right(undefined)
          : E.left(unsupported({ feature: 'operations.setTimes' }))
      }),
    )
