// URLs and paths: what a request names, and how an entry is named to clients.
import { isInside, parsePath, relativeTo, segments, under, type DrivePath, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { isOwnUrl, type Origin } from './origin'

/** Where the drive appears in the URLs of this server. */
export interface Mount {
  /** The directory of the drive that is served. */
  readonly base: DrivePath
  /** The names of the directories before it in every URL, decoded. */
  readonly prefix: ReadonlyArray<string>
}

export interface Address {
  readonly path: DrivePath
  /** Written with a `/` at its end. */
  readonly asDirectory: boolean
}

/** `elsewhere`: the URL is valid, but names nothing of this server. */
export interface Refusal {
  readonly kind: 'malformed' | 'elsewhere'
  readonly why: string
}

const malformed = (why: string): E.Either<Refusal, never> => E.left({ kind: 'malformed', why })
const elsewhere = (why: string): E.Either<Refusal, never> => E.left({ kind: 'elsewhere', why })

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** The path part of a URL, below the prefix. A fragment, `..`, NUL, an encoded `/` or `.` and what is not UTF-8 are malformed. */
export const addressOf = ({ base, prefix }: Mount, pathname: string): E.Either<Refusal, Address> => {
  if (!pathname.startsWith('/')) return malformed('the path of a URL begins with a slash')
  if (pathname.includes('#')) return malformed('a request names no fragment')
  const [bare = ''] = pathname.split('?', 1)
  // Go's URLs have a `.` before a first name that holds a colon; it says nothing.
  const names = bare.split('/').filter((segment) => segment !== '' && segment !== '.')
  const plainNames: Array<string> = []
  for (const name of names) {
    const text = decoded(name)
    if (text === undefined) return malformed('the path is not UTF-8, encoded by percent signs')
    if (text.includes('/')) return malformed('no name holds a slash')
    plainNames.push(text)
  }
  const path = parsePath(plainNames.slice(prefix.length).join('/'))
  if (E.isLeft(path)) return malformed(path.left.message)
  return prefix.every((name, i) => plainNames[i] === name)
    ? E.right({ path: under(base, path.right), asDirectory: bare.endsWith('/') })
    : elsewhere(`this server serves only URLs below ${rootHref(prefix)}; check that the proxy passes paths unchanged`)
}

const encoded = (name: string): string =>
  encodeURIComponent(name.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The path of the root's URL. */
export const rootHref = (prefix: ReadonlyArray<string>): string => `/${prefix.map((it) => `${encoded(it)}/`).join('')}`

/** A directory's ends with a slash. What lies outside of `base` has no name here: the root is named instead. */
export const hrefOf = ({ base, prefix }: Mount, path: DrivePath, kind: EntryKind): string => {
  const root = rootHref(prefix)
  if (path === base || !isInside(base, path)) return root
  const text = segments(relativeTo(base, path)).map(encoded).join('/')
  return kind === 'directory' ? `${root}${text}/` : `${root}${text}`
}

/**
 * A whole URL or its path, as `Destination`, `If` and the request line have it; a URL of another server is `elsewhere`. The URL is
 * taken apart by hand, as parsers resolve `..` without a word.
 */
export const addressOfUrl = (mount: Mount, url: string, own: ReadonlyArray<Origin>): E.Either<Refusal, Address> => {
  if (url.startsWith('/') && !url.startsWith('//')) return addressOf(mount, url)
  const [, scheme, authority, pathname] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)((?:[/?#].*)?)$/is.exec(url) ?? []
  if (scheme === undefined || authority === undefined || pathname === undefined)
    return malformed('the URL is neither absolute nor a path')
  if (authority.includes('@')) return malformed('a URL here holds no user')
  if (!isOwnUrl({ scheme: scheme.toLowerCase(), authority }, own)) return elsewhere('the URL is of another server')
  return addressOf(mount, pathname === '' ? '/' : pathname)
}
