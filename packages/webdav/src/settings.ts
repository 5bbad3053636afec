// The settings of a WebDAV drive, as JSON and as a program gives them.
import { isSecret, Secret, secret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import * as t from 'io-ts'

const text = (name: string, holds: (s: string) => boolean): t.Type<string> =>
  new t.Type<string>(
    name,
    (u): u is string => typeof u === 'string' && holds(u),
    (u, context) => (typeof u === 'string' && holds(u) ? t.success(u) : t.failure(u, context)),
    t.identity,
  )
/** Without a user in it: credentials stand in `auth`, where they are secrets. */
const WebAddress = text('an http or https URL', (s) => /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(s))
const User = text('a user name without a colon', (s) => s !== '' && !s.includes(':'))

const BasicAuth = t.strict({ kind: t.literal('basic'), user: User, password: Secret }, 'BasicAuth')
const DigestAuth = t.strict({ kind: t.literal('digest'), user: User, password: Secret }, 'DigestAuth')
const BearerAuth = t.strict({ kind: t.literal('bearer'), token: Secret }, 'BearerAuth')
export const Auth = t.union([BasicAuth, DigestAuth, BearerAuth], 'auth')
export type Auth = t.TypeOf<typeof Auth>

/** What `probeWebDav` finds out. What is not said is taken in the way that is right on any server of RFC 4918. */
export const ServerTraits = t.exact(
  t.partial({
    /** A PUT appears whole or not at all, and one that breaks off leaves what stood there; false. */
    atomicPut: t.boolean,
    /** PUT with `If-None-Match: *` refuses a name that is taken, or was taken while the body was on its way; false. */
    ifNoneMatch: t.boolean,
    /** PUT and DELETE with `If-Match` refuse another version, also one that came while the body was on its way; false. */
    ifMatch: t.boolean,
    /** MKCOL refuses a name that is taken, as RFC 4918 wants it; false. */
    mkcolRefuses: t.boolean,
    /** MOVE and COPY with `Overwrite: F` refuse a name that is taken, as RFC 4918 wants it; true. */
    overwriteRefuses: t.boolean,
    /** Files have a `getetag`, which changes with their bytes; true. */
    etags: t.boolean,
    /** The properties of RFC 4331 are told; asked for unless false. */
    quota: t.boolean,
    /** PUT keeps the time of `X-OC-MTime`; it is sent all the same, and false. */
    keepsTime: t.boolean,
    /** The properties of ownCloud and Nextcloud (checksums, ids) are told; false. */
    ownCloud: t.boolean,
    /** Characters that come back as others in names, so that no name is made with them; none. */
    forbidden: t.string,
    /** Characters that hide an entry from listings where its name begins with them, so that no name is made so; none. */
    forbiddenFirst: t.string,
    /** MOVE makes parents that are missing, so that a caller who requires them is looked for them first; false. */
    makesParents: t.boolean,
  }),
  'ServerTraits',
)
export type ServerTraits = t.TypeOf<typeof ServerTraits>

export const WebDavSettings = t.exact(
  t.intersection([
    t.type({
      /** Of the collection that is the drive's root. */
      url: WebAddress,
    }),
    t.partial({ auth: Auth, server: ServerTraits, http: HttpSettings }),
  ]),
  'WebDavSettings',
)
export type WebDavSettings = t.TypeOf<typeof WebDavSettings>

type Friendly<A> = { readonly [K in keyof A]: A[K] extends Secret ? Secret | string : A[K] }
type FriendlyAuth = Auth extends infer A ? (A extends Auth ? Friendly<A> : never) : never
/** What `openWebDav` takes: secrets may be plain strings. */
export type WebDavInput = Omit<WebDavSettings, 'auth'> & { readonly auth?: FriendlyAuth | undefined }

const hidden = (s: Secret | string): Secret => (isSecret(s) ? s : secret(s))
const authOf = (auth: FriendlyAuth): Auth =>
  auth.kind === 'bearer' ? { ...auth, token: hidden(auth.token) } : { ...auth, password: hidden(auth.password) }

export const toSettings = ({ auth, ...rest }: WebDavInput): WebDavSettings =>
  auth === undefined ? rest : { ...rest, auth: authOf(auth) }
