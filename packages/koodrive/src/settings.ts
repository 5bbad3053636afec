// The settings of a KooDrive drive, as JSON; every default is in `defaults`.
import { Secret } from '@anydrive/core'
import { defined } from '@anydrive/core/adapter'
import { HttpSettings } from '@anydrive/http'
import { HttpUrl, Integer, NonEmpty, refined } from '@anydrive/kit'
import * as t from 'io-ts'

const Count = Integer('', 1)
const Milliseconds = Integer('milliseconds', 0)

/** `sessionId` renews a token of the standard edition, `refreshToken` one of the carrier edition. */
const TokenAuth = t.exact(
  t.intersection([
    t.type({
      /** A token that the program has. */
      kind: t.literal('token'),
      /** With or without its scheme; lives 20 minutes from its last use. */
      accessToken: Secret,
    }),
    t.partial({
      /** Renews the token (standard edition). */
      sessionId: Secret,
      /** Renews the token (carrier edition). */
      refreshToken: Secret,
    }),
  ]),
  'TokenAuth',
)
const AppAuth = t.strict(
  {
    /** An application, which creates tokens for a user. */
    kind: t.literal('app'),
    /** The id of the application. */
    appId: NonEmpty('an application id'),
    /** The secret of the application. */
    appSecret: Secret,
    /** The user in whose name the application acts. */
    userId: NonEmpty('a user id'),
  },
  'AppAuth',
)

const Space = t.union(
  [
    t.strict({
      /** Whose space it is: a user's. */
      kind: t.literal('personal'),
    }),
    t.strict({
      /** Whose space it is: a department's or a group's. */
      kind: t.literal('team'),
      /** Its id. */
      groupId: NonEmpty('the id of a department or group'),
      /** What `groupId` is the id of. */
      teamType: t.keyof({ department: null, group: null }),
    }),
  ],
  'Space',
)

const LanguageTag = refined('a language tag such as en-US', t.string, (tag) =>
  /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag),
)
const TraceId = refined('58 letters, digits or underscores', t.string, (id) => /^[A-Za-z0-9_]{58}$/.test(id))

/** The README of the package describes each. */
const Optional = t.partial({
  /** Which space is opened where `containerId` is not given; the personal one unless given. */
  space: Space,
  /** The user whose personal space this is, where a token does not say: finds the space, and its usage. */
  userId: NonEmpty('a user id'),
  /** The transport; four requests at once unless `concurrency` says otherwise. */
  http: HttpSettings,
  /** The language of the service's messages: `en-US`, `zh-CN` and whatever else the deployment knows; the service's choice unless given. */
  language: LanguageTag,
  /** `X-Traceid` of every request, for the service's logs; none unless given. */
  traceId: TraceId,
  /** What precedes a token in `Authorization`, its blank included; `Bearer ` unless given. */
  authScheme: t.string,
  /** Characters of a name at most: 80 by the oldest documents, 250 by those since 2025; 80 unless given. */
  nameLimit: t.union([t.literal(80), t.literal(250)]),
  /** The path of the request for a job; the documentation lacks the `/jobs`. `/{jobId}` unless given. */
  jobDetailPath: t.keyof({ '/{jobId}': null, '/jobs/{jobId}': null }),
  /** The first `offset` of the list of jobs; the carrier edition starts at 1. 0 unless given. */
  jobListOffset: t.union([t.literal(0), t.literal(1)]),
  /** Items of one job at most; 1000 unless given. */
  jobItems: Count,
  /** Milliseconds to wait for a job, after which the call ends as `Indeterminate`; 600,000 (10 minutes) unless given. */
  taskTimeout: Milliseconds,
  /** The pauses between two requests for the state of a job, which grow from `first` to `longest`. */
  polling: t.exact(
    t.partial({
      /** Milliseconds; 300 unless given. */
      first: Milliseconds,
      /** Milliseconds; 5,000 unless given. */
      longest: Milliseconds,
    }),
  ),
  /** Milliseconds for which the ids of a chain of folders are trusted before they are confirmed; 10,000 unless given. */
  idTrust: Milliseconds,
  /** Ids kept at most; 50,000 unless given. */
  idCache: Count,
  /** How a move to another folder avoids a clash: exactly, or by listing the target folder before; `temporary-names` unless given. */
  moves: t.keyof({ 'temporary-names': null, listing: null }),
  /** Whether an upload gets its name at the end, by a rename, or takes it from the beginning; `via-temporary` unless given. */
  uploads: t.keyof({ 'via-temporary': null, direct: null }),
  /** Where a file goes that was replaced; `trash` unless given. */
  overwritten: t.keyof({ trash: null, purge: null }),
  /** Bytes of a part of an upload, 5 MiB or more; one part up to 32 MiB and else at least 16 MiB unless given. */
  partSize: Count,
  /** Reads a source twice to send its digest beforehand: a content that KooDrive holds is not sent; `false` unless given. */
  hashFirst: t.boolean,
  /** The format of a file's time of creation, or to send none; `standard` unless given. */
  createdTime: t.keyof({ standard: null, carrier: null, omit: null }),
  /** What the service counts the capacity of a space in; `GB` unless given. */
  capacityUnit: t.keyof({ GB: null, bytes: null }),
  /** Milliseconds for which a started step may still finish or roll back after the caller has given up; 15,000 unless given. */
  grace: Milliseconds,
})

export const Settings = t.exact(
  t.intersection([
    t.type({
      /** `https://cn.myhuaweicloud-koodrive.com` or `https://intl.myhuaweicloud-koodrive.com`. */
      baseUrl: HttpUrl,
      /** A token, or an application that creates tokens for a user. */
      auth: t.union([TokenAuth, AppAuth], 'Auth'),
    }),
    t.partial({
      /** The id of the space; unless given, that of `space` is requested at first use. */
      containerId: NonEmpty('the id of a space'),
    }),
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
  nameLimit: 80,
  jobDetailPath: '/{jobId}',
  jobListOffset: 0,
  jobItems: 1000,
  taskTimeout: 600_000,
  idTrust: 10_000,
  idCache: 50_000,
  moves: 'temporary-names',
  uploads: 'via-temporary',
  overwritten: 'trash',
  hashFirst: false,
  createdTime: 'standard',
  capacityUnit: 'GB',
  grace: 15_000,
} as const satisfies Partial<KooDriveSettings>

export type Complete = KooDriveSettings & {
  readonly [K in keyof typeof defaults]-?: NonNullable<KooDriveSettings[K]>
} & { readonly polling: { readonly first: number; readonly longest: number } }

/** With defaults for all that is absent or `undefined`. */
export const complete = (settings: KooDriveSettings): Complete => ({
  ...defaults,
  ...defined(settings),
  baseUrl: settings.baseUrl.replace(/(?<!\/)\/+$/, '').replace(/\/koodrive\/ose\/v1$/, ''),
  polling: { first: settings.polling?.first ?? 300, longest: settings.polling?.longest ?? 5000 },
})
