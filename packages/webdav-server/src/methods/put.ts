// PUT: a file's bytes, streamed to the drive; nothing shows before all of them are there.
import type { ConflictStrategy, DriveError, Entry, FileEntry, Written } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { arrived, arriving, type Arriving } from '../arriving'
import { etagOf } from '../conditions'
import { replyOf, replyUnless } from '../faults'
import { header, isRoot, look, type Answer, type Exchange } from '../gateway'
import { admitted } from '../guard'
import { watchedBody } from '../patience'
import { empty, plain, type Reply } from '../reply'

/** Of known length it goes on as it comes; else it is read to its end first, as drives are told the size before the bytes. */
const bodyOf = async ({ gateway, request, proceed }: Exchange): Answer<Arriving> => {
  const told = header({ request }, 'content-length')
  if (told === undefined && header({ request }, 'transfer-encoding') !== undefined) {
    proceed()
    const stop = watchedBody(request)
    const body = await arrived(request, gateway.spool)
    stop()
    return E.mapLeft((error: DriveError) => replyOf(gateway, error))(body)
  }
  const keep = gateway.drive.capabilities.upload.parts !== 'none'
  return E.right(arriving(request, { size: Number(told ?? 0), keep, begin: proceed, ...gateway.spool }))
}

/** Seconds since 1970, as clients of ownCloud and Nextcloud send it. */
const timeOf = (exchange: Exchange): Date | undefined => {
  const text = header(exchange, 'x-oc-mtime') ?? ''
  return /^\d{1,12}(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : undefined
}

const write = async (exchange: Exchange, body: Arriving, old: FileEntry | undefined): Answer<Written> => {
  const { drive } = exchange.gateway
  const conflict: ConflictStrategy = header(exchange, 'if-none-match')?.trim() === '*' ? 'ask' : 'overwrite'
  const ifVersion = header(exchange, 'if-match') === undefined ? undefined : old?.version
  const written = await drive.writeFile(exchange.path, body.source, {
    conflict,
    ifVersion,
    parents: 'require',
    signal: exchange.signal,
    contentType: header(exchange, 'content-type'),
    modifiedAt: timeOf(exchange),
  })()
  const taken = conflict === 'ask' ? 412 : 405
  return E.mapLeft(replyUnless(exchange.gateway, { NameConflict: taken, WrongKind: 409 }))(written)
}

/** Where the drive's answer does not tell what a look would, no tag is better than a wrong one. */
const tagOf = ({ gateway }: Exchange, written: Written): Record<string, string> => {
  const { version, modifiedAt } = written
  const known = version !== undefined || (!gateway.drive.capabilities.features.etags && modifiedAt !== undefined)
  return known ? { ETag: etagOf(written) } : {}
}

const answered = (exchange: Exchange, written: Written, old: FileEntry | undefined): Reply =>
  empty(old === undefined ? 201 : 204, {
    ...tagOf(exchange, written),
    ...(timeOf(exchange) !== undefined && exchange.gateway.drive.capabilities.times.file.modifiedAt === 'kept'
      ? { 'X-OC-Mtime': 'accepted' }
      : {}),
  })

const notFile = (exchange: Exchange, entry: Entry | undefined): Reply | undefined => {
  if (header(exchange, 'content-range') !== undefined) return plain(400, 'a part of a file is not taken')
  if (entry !== undefined && entry.kind !== 'file') return plain(405, 'this is no file')
  return exchange.asDirectory ? plain(405, 'the URL of a file does not end with a slash') : undefined
}

export const put = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path } = exchange
  if (isRoot(exchange)) return E.left(plain(405, 'this is a directory'))
  const entry = await look(exchange, path)
  if (E.isLeft(entry)) return entry
  const wrong = notFile(exchange, entry.right)
  if (wrong !== undefined) return E.left(wrong)
  const old = entry.right?.kind === 'file' ? entry.right : undefined
  const may = await admitted(exchange, old, [{ path, what: old === undefined ? 'member' : 'content' }])
  if (E.isLeft(may)) return may
  const body = await bodyOf(exchange)
  if (E.isLeft(body)) return body
  const written = await write(exchange, body.right, old)
  await body.right.dispose()
  if (E.isLeft(written)) return written
  // What another client removed behind this gateway left its properties here: they are not the new file's.
  if (old === undefined) gateway.properties.forget(path)
  return E.right(answered(exchange, written.right, old))
}
