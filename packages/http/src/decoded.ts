// From an answer to a value: by its status a fault, else JSON that a codec reads.
import type { Answer, Fault } from '@anydrive/core'
import { issuesOf, unexpectedResponse } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { parseJson } from './json'
import type { HttpResponse } from './request'

const malformed = [{ at: '', expected: 'JSON', got: 'string' }]

const bodyOf = (text: string): E.Either<'malformed', unknown> =>
  text.trim() === '' ? E.right(undefined) : parseJson(text)

/**
 * A status of 2xx is decoded (an empty body as `undefined`), any other is `toFault`'s. The issues of an `UnexpectedResponse`
 * never hold a value; `said` adds what is known of the answer, such as its request id.
 */
export const decoded =
  <A>(
    codec: t.Decoder<unknown, A>,
    toFault: (response: HttpResponse) => Fault,
    said?: (response: HttpResponse) => Answer,
  ) =>
  <E>(call: TE.TaskEither<E, HttpResponse>): TE.TaskEither<E | Fault, A> =>
    pipe(
      call,
      TE.flatMapEither((response): E.Either<E | Fault, A> => {
        const { status, attempts, effect } = response
        if (status < 200 || status > 299) return E.left({ ...toFault(response), attempts })
        const unexpected = (issues: Fault<'UnexpectedResponse'>['issues']) =>
          unexpectedResponse({ effect, http: status, attempts, ...said?.(response), issues })
        return pipe(
          bodyOf(response.text),
          E.mapLeft(() => unexpected(malformed)),
          E.flatMap((body) =>
            pipe(
              codec.decode(body),
              E.mapLeft((errors) => unexpected(issuesOf(errors))),
            ),
          ),
        )
      }),
    )
