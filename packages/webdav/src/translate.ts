// A server's words ↔ ours: addresses and paths, responses and entries. Pure.
import { child, nameOf, type Checksums, type DrivePath, type Entry, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { DavProperties, DavResponse } from './wire'

/** The segments of an address, decoded; undefined where it is none, or not UTF-8. A closing slash means nothing. */
export const segmentsIn = (href: string): ReadonlyArray<string> | undefined => {
  const path = /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*([^?#]*)/i.exec(href)?.[1] ?? /^(\/[^?#]*)/.exec(href)?.[1]
  if (path === undefined) return undefined
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent)
  } catch {
    return undefined
  }
}

export const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((segment, i) => segment === b[i])

/** `a` directly below `b`. */
export const isBelow = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length + 1 && b.every((segment, i) => segment === a[i])

/** Decoded segments that can be one name of a path. */
export const childOf = (dir: DrivePath, name: string): DrivePath | undefined => {
  const path = child(dir, name)
  return E.isRight(path) ? path.right : undefined
}

const dateIn = (text: string | undefined): Date | undefined => {
  const date = new Date(text === undefined || text === '' ? Number.NaN : text)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const common = (path: DrivePath, { getlastmodified, creationdate, fileid }: DavProperties) => {
  const modifiedAt = dateIn(getlastmodified)
  const createdAt = dateIn(creationdate)
  return {
    path,
    name: nameOf(path),
    ...(fileid === undefined || fileid === '' ? {} : { id: fileid }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }
}

/**
 * Apache calls a tag weak for a second after each change, and strong with the same text from then on (docs/wire/webdav.md, ETags):
 * the text is the version.
 */
export const versionOf = (etag: string | undefined): string | undefined => {
  const text = etag?.trim().replace(/^W\//i, '')
  return text === undefined || text === '' || text === '""' ? undefined : text
}

const hexDigits: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64 }

/** `SHA1:… MD5:… ADLER32:…`, in any order (docs/wire/webdav.md, ownCloud and Nextcloud). */
export const checksumsIn = (text: string | undefined): Checksums => {
  const found: Record<string, string> = {}
  for (const [, name = '', hex = ''] of (text ?? '').matchAll(/(\w+):([0-9a-f]+)/gi)) {
    const algorithm = name.toLowerCase()
    if (hex.length === hexDigits[algorithm]) found[algorithm] = hex.toLowerCase()
  }
  return found
}

/** A resource that is no collection and has no length is listed as `other`; so is one that the server will not tell of. */
export const toEntry = (path: DrivePath, { properties, status, refused }: DavResponse): Entry => {
  const base = common(path, properties)
  if (properties.collection === true) return { kind: 'directory', ...base }
  const { getcontentlength = '', getcontenttype, getetag, checksums } = properties
  if (!/^\d{1,16}$/.test(getcontentlength)) {
    const closed = status ?? (Object.keys(properties).length === 0 ? refused[0] : undefined)
    return { kind: 'other', ...base, what: closed === undefined ? 'resource without a length' : `closed (${closed})` }
  }
  const version = versionOf(getetag)
  return {
    kind: 'file',
    ...base,
    size: Number(getcontentlength),
    checksums: checksumsIn(checksums),
    ...(getcontenttype === undefined || getcontenttype === '' ? {} : { contentType: getcontenttype }),
    ...(version === undefined ? {} : { version }),
  }
}

export const isFile = (entry: Entry): entry is FileEntry => entry.kind === 'file'
