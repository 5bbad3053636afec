// Translates addresses to paths and responses to entries. Pure.
import { child, nameOf, type Checksums, type DrivePath, isSized, type Entry, type SizedFile } from '@anydrive/core'
import { defined } from '@anydrive/core/adapter'
import { dateIn } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { DavProperties, DavResponse } from './wire'

/**
 * The decoded segments of an address. A closing slash means nothing; `.` and `..` are resolved. Undefined where it is no absolute address, is not UTF-8, or has a raw `?`
 * or `#`, which may belong to a name that the server did not encode.
 */
export const segmentsIn = (href: string): ReadonlyArray<string> | undefined => {
  const path = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*)?(\/[^?#]*)?$/i.exec(href)
  if (path === null || href === '') return undefined
  try {
    const names: Array<string> = []
    for (const segment of (path[1] ?? '').split('/'))
      if (segment === '..') names.pop()
      else if (segment !== '' && segment !== '.') names.push(decodeURIComponent(segment))
    return names
  } catch {
    return undefined
  }
}

type Segments = ReadonlyArray<string>

/** Two spellings of one name: servers may answer in another Unicode form than they were asked in. */
const isSameName = (a: string | undefined, b: string | undefined): boolean => a?.normalize() === b?.normalize()

const beginsWith = (a: Segments, b: Segments): boolean => b.every((segment, i) => isSameName(segment, a[i]))

export const isSame = (a: Segments, b: Segments): boolean => a.length === b.length && beginsWith(a, b)

/** Whether `a` is directly in `b`. */
export const isIn = (a: Segments, b: Segments): boolean => a.length === b.length + 1 && beginsWith(a, b)

const isCollection = ({ properties }: DavResponse): boolean => properties.collection === true

/** Whether an address that a proxy may have rewritten can be that of `expected`: the last name is kept. */
const endsLike = (at: Segments, expected: Segments, isRoot: boolean): boolean =>
  isRoot || isSameName(at.at(-1)?.toLowerCase(), expected.at(-1)?.toLowerCase())

/** Of the responses to a PROPFIND of depth 0, the one that describes the resource itself. */
export const ownResponse = (
  responses: ReadonlyArray<DavResponse>,
  expected: Segments,
  isRoot: boolean,
): DavResponse | undefined => {
  const addressed = responses.map((response) => ({ response, at: segmentsIn(response.hrefs[0] ?? '') }))
  const own = addressed.find(({ at }) => at !== undefined && isSame(at, expected))
  if (own !== undefined) return own.response
  const [only, ...others] = addressed
  if (only !== undefined && others.length === 0)
    return only.at === undefined || endsLike(only.at, expected, isRoot) ? only.response : undefined
  return addressed.find(({ at, response }) =>
    addressed.every((other) => other.response === response || (at !== undefined && isIn(other.at ?? [], at))),
  )?.response
}

/**
 * Finds the directory that the responses to a PROPFIND of depth 1 are in, one after another: the address asked for, in any spelling; else, where a
 * proxy has rewritten the addresses, the one that the others are in, or their common parent. Undefined while that is open.
 */
export const directoryOf = (
  known: ReadonlyArray<{ readonly at: Segments; readonly response: DavResponse }>,
  expected: Segments,
  { isRoot, complete }: { readonly isRoot: boolean; readonly complete: boolean },
): Segments | undefined => {
  const fits = (at: Segments): boolean => isSame(at, expected) || isIn(at, expected)
  const [first, ...others] = known
  if (first === undefined) return undefined
  if (!fits(first.at)) {
    const parent = first.at.slice(0, -1)
    if (isCollection(first.response) && others.some(({ at }) => isIn(at, first.at))) return first.at
    const fitting = others.find(({ at }) => fits(at))
    if (fitting !== undefined) return fitting.at.slice(0, expected.length)
    if (first.at.length > 0 && others.some(({ at }) => isSame(at, parent) || isIn(at, parent))) return parent
    const alone = complete && others.length === 0 && endsLike(first.at, expected, isRoot)
    return alone ? first.at : undefined
  }
  return first.at.slice(0, expected.length)
}

/** The path of an entry of `dir`; undefined where the name can be no segment of a path. */
export const childOf = (dir: DrivePath, name: string): DrivePath | undefined => {
  const path = child(dir, name)
  return E.isRight(path) ? path.right : undefined
}

const common = (path: DrivePath, { getlastmodified, creationdate, fileid }: DavProperties) => ({
  path,
  name: nameOf(path),
  ...defined({
    id: fileid === '' ? undefined : fileid,
    createdAt: dateIn(creationdate),
    modifiedAt: dateIn(getlastmodified),
  }),
})

/**
 * The text of an ETag without `W/`: Apache marks a tag as weak for a second after each change, and as strong with the same text from then on
 * (docs/wire/webdav.md, ETags).
 */
export const versionOf = (etag: string | undefined): string | undefined => {
  const text = etag?.trim().replace(/^W\//i, '')
  return text === undefined || text === '' || text === '""' ? undefined : text
}

const hexDigits: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
])

/** `SHA1:… MD5:… ADLER32:…`, in any order (docs/wire/webdav.md, ownCloud and Nextcloud). */
export const checksumsIn = (text: string | undefined): Checksums => {
  const found: Record<string, string> = {}
  for (const [, name = '', hex = ''] of (text ?? '').matchAll(/(md5|sha1|sha256):([0-9a-f]+)/gi)) {
    const algorithm = name.toLowerCase()
    if (hex.length === hexDigits.get(algorithm)) found[algorithm] = hex.toLowerCase()
  }
  return found
}

/** `NaN` where it is no whole number that can be held exactly. */
export const sizeIn = (text = ''): number | undefined => {
  if (text === '') return undefined
  const size = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(size) ? size : Number.NaN
}

/**
 * What is neither a collection nor of another type is a file, whose size is unknown where it has no length (RFC 4918, 15.4). A resource without a type and
 * a length, with an invalid length, or whose properties the server refuses to show, is an entry of kind `other`.
 */
export const toEntry = (path: DrivePath, { properties, status, refused }: DavResponse): Entry => {
  const base = common(path, properties)
  if (properties.collection === true) return { kind: 'directory', ...base }
  const size = sizeIn(properties.getcontentlength)
  if (size === undefined ? properties.collection === undefined : Number.isNaN(size)) {
    const closed = status ?? (Object.keys(properties).length === 0 ? refused[0] : undefined)
    const what = size === undefined ? 'resource of another type' : 'resource with an invalid length'
    return { kind: 'other', ...base, what: closed === undefined ? what : `closed (${closed})` }
  }
  const { getcontenttype, getetag, checksums } = properties
  return {
    kind: 'file',
    ...base,
    checksums: checksumsIn(checksums),
    ...defined({ size, contentType: getcontenttype === '' ? undefined : getcontenttype, version: versionOf(getetag) }),
  }
}

export const isFile = (entry: Entry): entry is SizedFile => entry.kind === 'file' && isSized(entry)

/**
 * Whether both responses show one entry under two paths: the server's id is the same, or all there is of version, modification time and size.
 * Servers keep these when they move an entry.
 */
export const isSameEntry = (a: Entry, b: Entry): boolean => {
  if (a.kind !== b.kind) return false
  if (a.id !== undefined && b.id !== undefined) return a.id === b.id
  const both = <A>(x: A | undefined, y: A | undefined): boolean | undefined =>
    x === undefined || y === undefined ? undefined : x === y
  const found = [
    both(a.modifiedAt?.getTime(), b.modifiedAt?.getTime()),
    ...(isFile(a) && isFile(b) ? [both(a.version, b.version), both(a.size, b.size)] : []),
  ]
  return found.slice(0, 2).includes(true) && !found.includes(false)
}
