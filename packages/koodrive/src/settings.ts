// The settings of a KooDrive drive, as JSON; every setting that has a default stands in `defaults`.
import { isSecret, Secret, secret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

const refined = <A>(name: string, codec: t.Type<A, A>, holds: (a: A) => boolean): t.Type<A, A> =>
  new t.Type<A, A>(
    name,
    (u): u is A => codec.is(u) && holds(u),
    (u, context) => {
      const read = codec.validate(u, context)
      return E.isRight(read) && !holds(read.right) ? t.failure(u, context) : read
    },
    codec.encode,
  )
const Count = refined('a whole number, 1 or more', t.number, (n) => Number.isSafeInteger(n) && n >= 1)
const Milliseconds = refined('milliseconds, 0 or more', t.number, (n) => Number.isFinite(n) && n >= 0)
const Filled = refined('a text that is not empty', t.string, (s) => s !== '')
const WebAddress = refined('an http or https URL', t.string, (s) => /^https?:\/\/[^/?#\s]+[^?#\s]*$/.test(s))

/** `sessionId` renews a token of the standard edition, `refreshToken` one of the carrier edition. */
const TokenAuth = t.exact(
  t.intersection([
    t.type({ kind: t.literal('token'), accessToken: Secret }),
    t.partial({ sessionId: Secret, refreshToken: Secret }),
  ]),
  'TokenAuth',
)
const AppAuth = t.strict({ kind: t.literal('app'), appId: Filled, appSecret: Secret, userId: Filled }, 'AppAuth')

const Space = t.union(
  [
    t.strict({ kind: t.literal('personal') }),
    t.strict({
      kind: t.literal('team'),
      groupId: Filled,
      teamType: t.keyof({ department: null, group: null }),
    }),
  ],
  'Space',
)

/** Times in milliseconds, sizes in bytes. */
const Optional = t.partial({
  space: Space,
  /** The user whose personal space this is, where a token does not say: finds the space, and its usage. */
  userId: Filled,
  http: HttpSettings,
  /** Of messages. */
  language: t.keyof({ 'en-US': null, 'zh-CN': null }),
  /** What stands before a token in `Authorization`, the blank included. */
  authScheme: t.string,
  /** Characters of a name: 80 in the edition of 2024. */
  nameLimit: t.union([t.literal(250), t.literal(80)]),
  /** Where a job is asked for; the documentation lacks the `/jobs`. */
  jobDetailPath: t.keyof({ '/{jobId}': null, '/jobs/{jobId}': null }),
  /** The first `offset` of the list of jobs; the carrier edition starts at 1. */
  jobListOffset: t.union([t.literal(0), t.literal(1)]),
  /** Items of one job. */
  jobItems: Count,
  /** How long a job is waited for. */
  taskTimeout: Milliseconds,
  /** The first pause between two looks at a job, and the longest. */
  polling: t.exact(t.partial({ first: Milliseconds, longest: Milliseconds })),
  /** How long ids of a chain of folders are trusted before they are confirmed. */
  idTrust: Milliseconds,
  /** Ids kept. */
  idCache: Count,
  /** How a move to another folder avoids a clash: exact, or by looking first. */
  moves: t.keyof({ 'temporary-names': null, listing: null }),
  /** What becomes of a file that was overwritten. */
  overwritten: t.keyof({ trash: null, purge: null }),
  /** Of a multipart upload. */
  partSize: Count,
  /** Reads a source twice, to send its digest beforehand: a content that KooDrive holds is not sent. */
  hashFirst: t.boolean,
  /** How the creation time of a file is written. */
  createdTime: t.keyof({ standard: null, carrier: null, omit: null }),
  /** What a space's capacity counts. */
  capacityUnit: t.keyof({ GB: null, bytes: null }),
  /** How long an unfinished step may still be finished or undone after the caller has given up. */
  grace: Milliseconds,
})

export const Settings = t.exact(
  t.intersection([
    t.type({ baseUrl: WebAddress, auth: t.union([TokenAuth, AppAuth], 'Auth') }),
    t.partial({ containerId: Filled }),
    Optional,
  ]),
  'KooDriveSettings',
)
export type KooDriveSettings = t.TypeOf<typeof Settings>
type Friendly<A> = A extends Secret
  ? Secret | string
  : A extends object
    ? { readonly [K in keyof A]: Friendly<A[K]> }
    : A
/** As a program writes them: secrets may be plain strings. */
export type KooDriveInput = Friendly<Omit<KooDriveSettings, 'http'>> & Pick<KooDriveSettings, 'http'>
export type Auth = KooDriveSettings['auth']

const defaults = {
  space: { kind: 'personal' },
  authScheme: 'Bearer ',
  nameLimit: 250,
  jobDetailPath: '/{jobId}',
  jobListOffset: 0,
  jobItems: 1000,
  taskTimeout: 600_000,
  idTrust: 10_000,
  idCache: 50_000,
  moves: 'temporary-names',
  overwritten: 'trash',
  hashFirst: false,
  createdTime: 'standard',
  capacityUnit: 'GB',
  grace: 15_000,
} as const satisfies Partial<KooDriveSettings>

export type Complete = KooDriveSettings & {
  readonly [K in keyof typeof defaults]-?: NonNullable<KooDriveSettings[K]>
} & { readonly polling: { readonly first: number; readonly longest: number } }

/** Without what is given as `undefined`, so that a default shows through. */
export const complete = (settings: KooDriveSettings): Complete => {
  const given = Object.fromEntries(
    Object.entries(settings as Record<string, unknown>).filter(([, value]) => value !== undefined),
  )
  return {
    ...defaults,
    ...given,
    baseUrl: settings.baseUrl.replace(/\/+$/, '').replace(/\/koodrive\/ose\/v1$/, ''),
    polling: { first: settings.polling?.first ?? 300, longest: settings.polling?.longest ?? 5000 },
  } as Complete
}

const hidden = (s: Secret | string): Secret => (isSecret(s) ? s : secret(s))

export const toSettings = (input: KooDriveInput): KooDriveSettings => {
  const { auth } = input
  if (auth.kind === 'app') return { ...input, auth: { ...auth, appSecret: hidden(auth.appSecret) } }
  const { sessionId, refreshToken } = auth
  return {
    ...input,
    auth: {
      ...auth,
      accessToken: hidden(auth.accessToken),
      ...(sessionId === undefined ? {} : { sessionId: hidden(sessionId) }),
      ...(refreshToken === undefined ? {} : { refreshToken: hidden(refreshToken) }),
    },
  } as KooDriveSettings
}
