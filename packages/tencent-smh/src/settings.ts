// The settings of an SMH drive, as JSON and as a program passes them.
import { Secret } from '@anydrive/core'
import { defined } from '@anydrive/core/adapter'
import { HttpSettings } from '@anydrive/http'
import { HttpUrl, Id, Integer } from '@anydrive/kit'
import * as t from 'io-ts'

const texts = t.union([t.string, t.readonlyArray(t.string)], 'a string, or a list of strings')

const TokenAuth = t.strict(
  {
    /** A token that the program has. */
    kind: t.literal('token'),
    /** Valid for the library and the space. */
    accessToken: Secret,
  },
  'TokenAuth',
)
const SecretAuth = t.exact(
  t.intersection([
    t.type({
      /** The secret of the library, with which the drive creates its tokens. */
      kind: t.literal('secret'),
      /** As the console shows it. */
      librarySecret: Secret,
    }),
    t.partial({
      /** Permissions of the tokens that are created with the secret; `space_admin` unless given. */
      grant: texts,
      /** Spaces that the tokens are valid for; the drive's own unless given. Needed to move or copy from another space. */
      spaceIds: t.readonlyArray(Id),
      /** Seconds after which an unused token expires; the vendor's default, one day, unless given. */
      period: Integer('seconds', 1),
    }),
  ]),
  'SecretAuth',
)

const mebibyte = 1024 * 1024
export const bounds = {
  partMin: mebibyte,
  partMax: 5 * 1024 * mebibyte,
  parts: 10_000,
  /** Items of a request. */
  batch: 1000,
  /** Entries of a page. */
  page: 100,
  name: { max: 255, unit: 'utf16' },
} as const

const Upload = t.exact(
  t.partial({
    /** Files of at most this many bytes are sent in one request; 32 MiB. */
    singleUpTo: Integer('bytes', 0),
    /** Bytes of a part, more where a file would otherwise need over 10,000 parts; 16 MiB. */
    partSize: Integer('bytes', bounds.partMin, bounds.partMax),
    /** Parts sent at once; 4. */
    parallel: Integer('', 1),
    /** Whether SMH is asked, for files of 1 MiB and more, if it has the content already; true. */
    instant: t.boolean,
  }),
  'Upload',
)

export const TencentSmhSettings = t.exact(
  t.intersection([
    t.type({
      /** `https://{libraryId}.api.tencentsmh.cn`, as the console shows it. */
      baseUrl: HttpUrl,
      /** The id of the library, as the console shows it. */
      libraryId: Id,
      /** A token, or the secret that tokens are created with. */
      auth: t.union([TokenAuth, SecretAuth], 'auth'),
    }),
    t.partial({
      /** `-`, the space of a single-tenant library, unless given. */
      spaceId: Id,
      /** The business user that SMH records as the operator. */
      userId: t.string,
      /** The scheme of the hosts that SMH names for uploads; `https`. */
      uploadScheme: t.keyof({ http: null, https: null }),
      /** Which generation of SMH answers: `auto` decides by its first answer that shows it, which costs at most one refused request. */
      deployment: t.keyof({ auto: null, public: null, private: null }),
      /** Whether the library has a recycle bin; true. */
      recycleBin: t.boolean,
      /** Whether the library keeps earlier versions of files; false. */
      history: t.boolean,
      /** Whether the deployment has a change feed; false. Private ones were seen without. */
      changeFeed: t.boolean,
      /** How contents are sent. */
      upload: Upload,
      /** Milliseconds to wait for a task of SMH; 10 minutes. */
      taskTimeout: Integer('milliseconds', 0),
      /** The transport. */
      http: HttpSettings,
    }),
  ]),
  'TencentSmhSettings',
)
export type TencentSmhSettings = t.TypeOf<typeof TencentSmhSettings>

type PlainSecrets<A> = A extends Secret
  ? Secret | string
  : A extends ReadonlyArray<unknown> | string | number | boolean | undefined
    ? A
    : { readonly [K in keyof A]: PlainSecrets<A[K]> }
/** What `openTencentSmh` takes: secrets may be plain strings. */
export type TencentSmhInput = PlainSecrets<Omit<TencentSmhSettings, 'http'>> & {
  /** The transport. */
  readonly http?: HttpSettings | undefined
}

export type UploadPlan = Required<t.TypeOf<typeof Upload>>
export const uploadPlanOf = ({ upload }: TencentSmhSettings): UploadPlan => ({
  ...{ singleUpTo: 32 * mebibyte, partSize: 16 * mebibyte, parallel: 4, instant: true },
  ...defined(upload ?? {}),
})

/** The plan's, or what 10,000 parts of a file of this size need, rounded up to a mebibyte. */
export const partSizeFor = (size: number, { partSize }: UploadPlan): number =>
  Math.max(partSize, Math.ceil(size / bounds.parts / mebibyte) * mebibyte)
