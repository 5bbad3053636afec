// From an answer to a value: a failure by its code or status, else what a codec reads.
import { issuesOf, unexpectedResponse, type Answer, type Fault } from '@anydrive/core'
import { parseJson, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { isSuccess, toFault } from './translate'
import { Envelope } from './wire'

const read = <A>(codec: t.Decoder<unknown, A>, response: HttpResponse, now: number): E.Either<Fault, A> => {
  const { status, attempts } = response
  const refused = (): E.Either<Fault, A> => E.left({ ...toFault(response, now), attempts })
  if (status < 200 || status > 299) return refused()
  const unexpected = (issues: Fault<'UnexpectedResponse'>['issues']): E.Either<Fault, A> => {
    const requestId = response.header('x-request-id')
    const answer: Answer = { http: status, attempts, ...(requestId === undefined ? {} : { requestId }) }
    return E.left(unexpectedResponse({ ...answer, issues }))
  }
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

/** A status of 2xx with another code than 0 is a failure. The issues of an `UnexpectedResponse` never hold a value. */
export const answered =
  <A>(codec: t.Decoder<unknown, A>, now: () => number) =>
  <E>(call: TE.TaskEither<E, HttpResponse>): TE.TaskEither<E | Fault, A> =>
    pipe(
      call,
      TE.flatMapEither((response): E.Either<E | Fault, A> => read(codec, response, now())),
    )
