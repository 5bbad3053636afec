// The settings of a WebDAV drive, as JSON and as a program passes them.
import { Secret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import { refined } from '@anydrive/kit'
import * as t from 'io-ts'

/**
 * Without user, query and fragment: credentials belong in `auth`, where they are secrets. A `%` begins an escape, so one that does not is refused, as are
 * the segments `.` and `..`, escaped or not, and a backslash, which URLs read as a slash.
 */
const isAddress = (text: string): boolean =>
  /^https?:\/\/[^/?#@\s\\]+(\/[^?#\s\\]*)?$/.test(text) &&
  URL.canParse(text) &&
  Buffer.from(text).toString() === text &&
  !/%(?![0-9a-f]{2})/i.test(text) &&
  !/\/(\.|%2e){1,2}(\/|$)/i.test(text)

const WebAddress = refined(
  'an http or https URL, without user, query and fragment, percent-encoded',
  t.string,
  isAddress,
)
const User = refined('a user name without a colon', t.string, (s) => s !== '' && !s.includes(':'))

const BasicAuth = t.strict(
  {
    /** The password goes with each request, so that the URL should be https. */
    kind: t.literal('basic'),
    /** The name that the server knows; without a colon. */
    user: User,
    /** The user's password. */
    password: Secret,
  },
  'BasicAuth',
)
const DigestAuth = t.strict(
  {
    /** A digest of the password goes with each request. */
    kind: t.literal('digest'),
    /** The name that the server knows; without a colon. */
    user: User,
    /** The user's password. */
    password: Secret,
  },
  'DigestAuth',
)
const BearerAuth = t.strict(
  {
    /** A token goes with each request. */
    kind: t.literal('bearer'),
    /** Without the word `Bearer`. */
    token: Secret,
  },
  'BearerAuth',
)
const Auth = t.union([BasicAuth, DigestAuth, BearerAuth], 'auth')
type Auth = t.TypeOf<typeof Auth>

/** What `probeWebDav` finds out. Without a trait the drive behaves in the way that is right on any server of RFC 4918. */
export const ServerTraits = t.exact(
  t.partial({
    /** A PUT takes effect as a whole or not at all, and one that breaks off leaves the old file; false. */
    atomicPut: t.boolean,
    /** PUT with `If-None-Match: *` refuses a name that is taken, also one that was taken while the body was sent; false. */
    ifNoneMatch: t.boolean,
    /** PUT and DELETE with `If-Match` refuse another version, also one that was written while the body was sent; false. */
    ifMatch: t.boolean,
    /** MKCOL refuses a name that is taken, as RFC 4918 requires; false. */
    mkcolRefuses: t.boolean,
    /** MOVE and COPY with `Overwrite: F` refuse a name that is taken, as RFC 4918 requires; true. */
    overwriteRefuses: t.boolean,
    /** Files have a `getetag`, which changes with their bytes; true. */
    etags: t.boolean,
    /** The server has the properties of RFC 4331; requested unless false. */
    quota: t.boolean,
    /** PUT keeps the time of `X-OC-MTime`, which is sent in any case; false. */
    keepsTime: t.boolean,
    /** PROPPATCH sets `getlastmodified`, which PROPFIND then shows; false. */
    setsTime: t.boolean,
    /** The server has the properties of ownCloud and Nextcloud (checksums, ids); false. */
    ownCloud: t.boolean,
    /** Characters that the server replaces in names, so that no such name is created; none. */
    forbidden: t.string,
    /** First characters of names that the server hides from listings, so that no such name is created; none. */
    forbiddenFirst: t.string,
    /** MOVE creates missing parents, so that under `parents: 'require'` they are looked up first; false. */
    makesParents: t.boolean,
  }),
  'ServerTraits',
)
export type ServerTraits = t.TypeOf<typeof ServerTraits>

export const WebDavSettings = t.exact(
  t.intersection([
    t.type({
      /** Of the collection that is the drive's root. Characters outside ASCII may be percent-encoded or not. */
      url: WebAddress,
    }),
    t.partial({
      /** Who the client is; requests are sent without credentials unless given. */
      auth: Auth,
      /** What is known about the server, for example from `probeWebDav`. */
      server: ServerTraits,
      /** The transport. */
      http: HttpSettings,
    }),
  ]),
  'WebDavSettings',
)
export type WebDavSettings = t.TypeOf<typeof WebDavSettings>

type Friendly<A> = { readonly [K in keyof A]: A[K] extends Secret ? Secret | string : A[K] }
type FriendlyAuth = Auth extends infer A ? (A extends Auth ? Friendly<A> : never) : never
/** What `openWebDav` takes: secrets may be plain strings. */
export type WebDavInput = Omit<WebDavSettings, 'auth'> & {
  /** Who the client is; requests are sent without credentials unless given. */
  readonly auth?: FriendlyAuth | undefined
}
