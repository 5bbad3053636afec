// URLs and paths: what a request names, and how an entry is named to clients.
import { isInside, parsePath, relativeTo, segments, under, type DrivePath, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { plain, type Reply } from './reply'

export interface Address {
  readonly path: DrivePath
  /** Written with a `/` at its end. */
  readonly asDirectory: boolean
}

const refused = (why: string): E.Either<Reply, never> => E.left(plain(400, why))

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** The path part of a URL, below `base`. A fragment, `..`, NUL, an encoded `/` or `.` and what is not UTF-8 are 400. */
export const addressOf = (base: DrivePath, pathname: string): E.Either<Reply, Address> => {
  if (!pathname.startsWith('/')) return refused('the path of a URL begins with a slash')
  if (pathname.includes('#')) return refused('a request names no fragment')
  const [bare = ''] = pathname.split('?', 1)
  // Go's URLs have a `.` before a first name that holds a colon; it says nothing.
  const names = bare.split('/').filter((segment) => segment !== '' && segment !== '.')
  const plainNames: Array<string> = []
  for (const name of names) {
    const text = decoded(name)
    if (text === undefined) return refused('the path is not UTF-8, encoded by percent signs')
    if (text.includes('/')) return refused('no name holds a slash')
    plainNames.push(text)
  }
  const path = parsePath(plainNames.join('/'))
  return E.isLeft(path)
    ? refused(path.left.message)
    : E.right({ path: under(base, path.right), asDirectory: bare.endsWith('/') })
}

const encoded = (name: string): string =>
  encodeURIComponent(name.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A directory's ends with a slash. What lies outside of `base` has no name here: the root stands for it. */
export const hrefOf = (base: DrivePath, path: DrivePath, kind: EntryKind): string => {
  if (path === base || !isInside(base, path)) return '/'
  const text = segments(relativeTo(base, path)).map(encoded).join('/')
  return kind === 'directory' ? `/${text}/` : `/${text}`
}

/** The host of a `Host` header or of a URL, comparable: lower case, without the scheme's own port. */
const hostKey = (host: string): string => host.toLowerCase().replace(/:(80|443)$/, '')

/**
 * A whole URL or its path, as `Destination`, `If` and the request line have it; another host is 403. The URL is taken apart by hand, as
 * parsers resolve `..` without a word.
 */
export const addressOfUrl = (base: DrivePath, url: string, host: string | undefined): E.Either<Reply, Address> => {
  if (url.startsWith('/') && !url.startsWith('//')) return addressOf(base, url)
  const [, authority, pathname] = /^https?:\/\/([^/?#]*)((?:[/?#].*)?)$/is.exec(url) ?? []
  if (authority === undefined || pathname === undefined) return refused('the URL is neither absolute nor a path')
  if (authority.includes('@')) return refused('a URL here holds no user')
  if (host !== undefined && hostKey(authority) !== hostKey(host))
    return E.left(plain(403, 'the URL is of another server'))
  return addressOf(base, pathname === '' ? '/' : pathname)
}
