// The settings of an SMH drive, as JSON and as a program gives them.
import { Secret, secret, isSecret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import * as t from 'io-ts'

const checked = <A>(name: string, codec: t.Type<A, A>, holds: (a: A) => boolean): t.Type<A, A> =>
  new t.Type<A, A>(
    name,
    (u): u is A => codec.is(u) && holds(u),
    (u, context) => (codec.is(u) && holds(u) ? t.success(u) : t.failure(u, context)),
    (a) => a,
  )
const Whole = (name: string, min: number) => checked<number>(name, t.number, (n) => Number.isSafeInteger(n) && n >= min)
const Base = checked<string>('an http or https URL', t.string, (s) => /^https?:\/\/[^\s/?#]+[^\s?#]*$/.test(s))
const Id = checked<string>('an id', t.string, (s) => /^[^/?#\s]+$/.test(s))
const words = t.union([t.string, t.readonlyArray(t.string)], 'a word, or a list of words')

const TokenAuth = t.strict({ kind: t.literal('token'), accessToken: Secret }, 'TokenAuth')
const SecretAuth = t.exact(
  t.intersection([
    t.type({ kind: t.literal('secret'), librarySecret: Secret }),
    t.partial({
      /** Permissions of the tokens made with the secret; `space_admin` unless given. */
      grant: words,
      /** Spaces that the tokens are good for; the drive's own unless given. Needed to move or copy from another space. */
      spaceIds: t.readonlyArray(Id),
      /** Seconds that an unused token lives; the vendor's day unless given. */
      period: Whole('a whole number of seconds, 1 or more', 1),
    }),
  ]),
  'SecretAuth',
)

const mebibyte = 1024 * 1024
export const bounds = {
  partMin: mebibyte,
  partMax: 5 * 1024 * mebibyte,
  parts: 10_000,
  batch: 1000,
  page: 100,
} as const

const Upload = t.exact(
  t.partial({
    /** Bytes up to which one request carries the whole file; 32 MiB. */
    singleUpTo: Whole('a whole number of bytes, 0 or more', 0),
    /** Bytes of a part, more where a file would need over 10,000 of them; 16 MiB. */
    partSize: checked<number>(
      'a whole number of bytes from 1 MiB to 5 GiB',
      t.number,
      (n) => Number.isSafeInteger(n) && n >= bounds.partMin && n <= bounds.partMax,
    ),
    /** Parts sent at once; 4. */
    parallel: Whole('a whole number, 1 or more', 1),
    /** Asks for files of 1 MiB and more whether SMH holds the content already; true. */
    instant: t.boolean,
  }),
  'Upload',
)

export const TencentSmhSettings = t.exact(
  t.intersection([
    t.type({
      /** `https://{libraryId}.api.tencentsmh.cn`, as the console shows it. */
      baseUrl: Base,
      libraryId: Id,
      auth: t.union([TokenAuth, SecretAuth], 'auth'),
    }),
    t.partial({
      /** `-`, that of a library with one tenant, unless given. */
      spaceId: Id,
      /** The business user recorded as the one who acts. */
      userId: t.string,
      /** Of the hosts that SMH names for uploads; `https`. */
      uploadScheme: t.keyof({ http: null, https: null }),
      /** Whether the library has a recycle bin; true. */
      recycleBin: t.boolean,
      upload: Upload,
      /** Milliseconds that a task of SMH's is waited for; 10 minutes. */
      taskTimeout: Whole('a whole number of milliseconds, 0 or more', 0),
      http: HttpSettings,
    }),
  ]),
  'TencentSmhSettings',
)
export type TencentSmhSettings = t.TypeOf<typeof TencentSmhSettings>

type Friendly<A> = A extends Secret
  ? Secret | string
  : A extends ReadonlyArray<unknown> | string | number | boolean | undefined
    ? A
    : { readonly [K in keyof A]: Friendly<A[K]> }
/** What `openTencentSmh` takes: secrets may be plain strings. */
export type TencentSmhInput = Friendly<Omit<TencentSmhSettings, 'http'>> & { readonly http?: HttpSettings | undefined }

const hidden = (s: Secret | string): Secret => (isSecret(s) ? s : secret(s))

export const toSettings = (input: TencentSmhInput): TencentSmhSettings => {
  const { auth } = input
  return {
    ...input,
    auth:
      auth.kind === 'token'
        ? { ...auth, accessToken: hidden(auth.accessToken) }
        : { ...auth, librarySecret: hidden(auth.librarySecret) },
  } as TencentSmhSettings
}

export interface UploadPlan {
  readonly singleUpTo: number
  readonly partSize: number
  readonly parallel: number
  readonly instant: boolean
}
export const uploadPlanOf = ({ upload = {} }: TencentSmhSettings): UploadPlan => ({
  singleUpTo: upload.singleUpTo ?? 32 * mebibyte,
  partSize: upload.partSize ?? 16 * mebibyte,
  parallel: upload.parallel ?? 4,
  instant: upload.instant ?? true,
})

/** The plan's, or what 10,000 parts of a file of this size need, rounded up to a mebibyte. */
export const partSizeFor = (size: number, { partSize }: UploadPlan): number =>
  Math.max(partSize, Math.ceil(size / bounds.parts / mebibyte) * mebibyte)
