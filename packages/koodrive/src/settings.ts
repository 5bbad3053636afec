// The settings of a KooDrive drive, as JSON; every default is in `defaults`.
import { defined, Secret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import { HttpUrl, Integer, NonEmpty, refined } from '@anydrive/kit'
import * as t from 'io-ts'

const Count = Integer('', 1)
const Milliseconds = Integer('milliseconds', 0)

/** `sessionId` renews a token of the standard edition, `refreshToken` one of the carrier edition. */
const TokenAuth = t.exact(
  t.intersection([
    t.type({ kind: t.literal('token'), accessToken: Secret }),
    t.partial({ sessionId: Secret, refreshToken: Secret }),
  ]),
  'TokenAuth',
)
const AppAuth = t.strict(
  { kind: t.literal('app'), appId: NonEmpty('an application id'), appSecret: Secret, userId: NonEmpty('a user id') },
  'AppAuth',
)

const Space = t.union(
  [
    t.strict({ kind: t.literal('personal') }),
    t.strict({
      kind: t.literal('team'),
      groupId: NonEmpty('the id of a department or group'),
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
  space: Space,
  /** The user whose personal space this is, where a token does not say: finds the space, and its usage. */
  userId: NonEmpty('a user id'),
  http: HttpSettings,
  /** Of the service's messages: `en-US`, `zh-CN` and whatever else the deployment knows. */
  language: LanguageTag,
  /** `X-Traceid` of every request, for the service's logs. */
  traceId: TraceId,
  /** What precedes a token in `Authorization`, its blank included. */
  authScheme: t.string,
  /** Characters of a name: 80 by the oldest documents, 250 by those since 2025. */
  nameLimit: t.union([t.literal(80), t.literal(250)]),
  /** Where a job is asked for; the documentation lacks the `/jobs`. */
  jobDetailPath: t.keyof({ '/{jobId}': null, '/jobs/{jobId}': null }),
  /** The first `offset` of the list of jobs; the carrier edition starts at 1. */
  jobListOffset: t.union([t.literal(0), t.literal(1)]),
  jobItems: Count,
  taskTimeout: Milliseconds,
  polling: t.exact(t.partial({ first: Milliseconds, longest: Milliseconds })),
  /** How long the ids of a chain of folders are trusted before they are confirmed. */
  idTrust: Milliseconds,
  idCache: Count,
  /** How a move to another folder avoids a clash: exactly, or by listing the target folder before. */
  moves: t.keyof({ 'temporary-names': null, listing: null }),
  /** Whether an upload gets its name at the end, by a rename, or takes it from the beginning. */
  uploads: t.keyof({ 'via-temporary': null, direct: null }),
  overwritten: t.keyof({ trash: null, purge: null }),
  partSize: Count,
  /** Reads a source twice to send its digest beforehand: a content that KooDrive holds is not sent. */
  hashFirst: t.boolean,
  createdTime: t.keyof({ standard: null, carrier: null, omit: null }),
  capacityUnit: t.keyof({ GB: null, bytes: null }),
  /** How long a started step may still finish or roll back after the caller has given up. */
  grace: Milliseconds,
})

export const Settings = t.exact(
  t.intersection([
    t.type({ baseUrl: HttpUrl, auth: t.union([TokenAuth, AppAuth], 'Auth') }),
    t.partial({ containerId: NonEmpty('the id of a space') }),
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
