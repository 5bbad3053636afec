// What a response means: a value that a codec reads, or the fault of its code or status.
import { mayHaveHappened, withoutSecrets, type Answer, type DriveError, type Effect, type Fault } from '@anydrive/core'
import {
  checksumMismatch,
  defined,
  forbidden,
  invalidPath,
  issuesOf,
  limitExceeded,
  nameConflict,
  nestedTarget,
  notFound,
  quotaExceeded,
  rateLimited,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  wrongKind,
} from '@anydrive/core/adapter'
import { parseJson, redact, retryAfter, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { Envelope } from './wire'

const saidBy = (status: number | undefined, envelope: Envelope): Answer => {
  const { code, error_code, msg, error_msg, request_id } = envelope
  const text = msg ?? error_msg ?? ''
  // What is cut is no longer recognized as a secret.
  const said = text === '' ? undefined : withoutSecrets(redact(text)).slice(0, 300)
  return defined({ http: status, code: code ?? error_code, said, requestId: request_id })
}

/** A fault of what the service said. Most codes exclude an effect; the others' fault says whether there may be one. */
type ToFault = (said: Answer, effect: Effect) => Fault

const gone =
  (what: Fault<'NotFound'>['what']): ToFault =>
  (said) =>
    notFound({ ...said, what })
const unusable: ToFault = (said, effect) => unavailable({ ...said, effect })
/** The arguments were refused: this package or the service is not as documented. */
const misunderstood: ToFault = (said, effect) => {
  const got = `the refusal ${said.code ?? ''}`.trim()
  return unexpectedResponse({ ...said, effect, issues: [{ at: 'code', expected: '0', got }] })
}

/** KooDrive's codes (docs/wire/koodrive.md, Error codes). The HTTP status decides on all others. */
const table: ReadonlyArray<readonly [numbers: ReadonlyArray<number>, ToFault]> = [
  [[101, 102, 303, 312, 413, 414], misunderstood],
  [[201, 308, 403, 408, 409], unusable],
  [[301, 416], gone('space')],
  [[302, 306, 309, 407, 411], gone('source')],
  [[304, 305, 404], gone('parent')],
  [[307], nestedTarget],
  [[310], (said) => limitExceeded({ ...said, limit: 'depth', max: 30 })],
  [[311], quotaExceeded],
  [[401], gone('upload')],
  [[402], (said) => checksumMismatch({ ...said, algorithm: 'sha256' })],
  [[405], nameConflict],
  [[406], (said) => wrongKind({ ...said, expected: 'file' })],
  [[410, 412], forbidden],
  [[417], (said) => limitExceeded({ ...said, limit: 'name' })],
  [[419], (said) => invalidPath({ ...said, reason: 'the service refuses the name' })],
]
const faults: ReadonlyMap<string, ToFault> = new Map(
  table.flatMap(([numbers, fault]) => numbers.map((n) => [String(13_000_000 + n), fault] as const)),
)

/** Codes that the rest of the package asks for by name. */
export const codes = {
  notRecycled: '13000303',
  recycled: '13000306',
  notFound: '13000309',
  alreadyThere: '13000312',
} as const

const byStatus = (status: number): ToFault => {
  if (status === 403) return forbidden
  return status === 408 || status >= 500 ? unusable : misunderstood
}

/** An id that a request named no longer leads anywhere; resolving the path again may help. */
export const isGone = (fault: { readonly _tag: string; readonly what?: unknown; readonly code?: string }): boolean =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent') && fault.code !== undefined

/** Whether anything of the request reached the service: a network fault without effect is a request that was never sent. */
export const wasSent = (fault: Fault | DriveError): boolean =>
  mayHaveHappened(fault) || (fault._tag !== 'Network' && fault._tag !== 'Timeout' && fault._tag !== 'Aborted')

export const envelopeOf = (text: string): Envelope => {
  const body = parseJson(text)
  const read = E.isRight(body) ? Envelope.decode(body.right) : undefined
  return read !== undefined && E.isRight(read) ? read.right : {}
}

const mentionsAuthentication = /authenticat|token|鉴权|认证/i

/** 401, or a 400 of an unlisted code whose text speaks of authentication: no page names the code. */
export const isUnauthenticated = (response: Pick<HttpResponse, 'status' | 'text'>): boolean => {
  if (response.status === 401) return true
  if (response.status !== 400) return false
  const { code, error_code, msg, error_msg } = envelopeOf(response.text)
  return !faults.has(code ?? error_code ?? '') && mentionsAuthentication.test(msg ?? error_msg ?? '')
}

/** The fault of an item of a job or of a list of links, which has a code and no status: the service did not do it. */
export const faultOfCode = (code: string | undefined, msg?: string): Fault =>
  (faults.get(code ?? '') ?? unusable)(saidBy(undefined, { code, msg }), 'none')

const requestIdOf = (response: HttpResponse): Answer => defined({ requestId: response.header('x-request-id') })

/** What a response that is no success means. A well-formed refusal has no effect, whatever HTTP status below 5xx it comes with. */
export const toFault = (response: HttpResponse, now: number): Fault => {
  const { status } = response
  const said = { ...requestIdOf(response), ...saidBy(status, envelopeOf(response.text)) }
  if (status === 429) return rateLimited({ ...said, ...defined({ retryAfterMs: retryAfter(response, now) }) })
  if (isUnauthenticated(response)) return unauthenticated(said)
  const effect = said.code !== undefined && status < 500 && status !== 408 ? 'none' : response.effect
  return (faults.get(said.code ?? '') ?? byStatus(status))(said, effect)
}

/** A success has code 0, as a number or a text, or no code. */
export const isSuccess = (status: number, { code, error_code }: Envelope): boolean =>
  status >= 200 && status <= 299 && (code ?? error_code ?? '0') === '0'

const read = <A>(codec: t.Decoder<unknown, A>, response: HttpResponse, now: number): E.Either<Fault, A> => {
  const { status, attempts, effect } = response
  const refused = (): E.Either<Fault, A> => E.left({ ...toFault(response, now), attempts })
  if (status < 200 || status > 299) return refused()
  const unexpected = (issues: Fault<'UnexpectedResponse'>['issues']): E.Either<Fault, A> =>
    E.left(unexpectedResponse({ ...requestIdOf(response), effect, http: status, attempts, issues }))
  const body = parseJson(response.text)
  if (E.isLeft(body)) return unexpected([{ at: '', expected: 'JSON', got: 'string' }])
  const envelope = Envelope.decode(body.right)
  if (E.isLeft(envelope)) return unexpected(issuesOf(envelope.left))
  if (!isSuccess(status, envelope.right)) return refused()
  return pipe(
    codec.decode(body.right),
    E.orElse((errors) => unexpected(issuesOf(errors))),
  )
}

/** A status of 2xx with a code other than 0 is a failure. The issues of an `UnexpectedResponse` never hold a value. */
export const answered =
  <A>(codec: t.Decoder<unknown, A>, now: () => number) =>
  <E>(call: TE.TaskEither<E, HttpResponse>): TE.TaskEither<E | Fault, A> =>
    pipe(
      call,
      TE.flatMapEither((response): E.Either<E | Fault, A> => read(codec, response, now())),
    )
