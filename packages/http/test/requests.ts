// Requests and results, shortened for tests.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { HttpRequest } from '../src'

export const ask = (request: Partial<HttpRequest> & Pick<HttpRequest, 'base'>): HttpRequest => ({
  endpoint: 'test',
  method: 'GET',
  answer: 'text',
  kind: 'read',
  signal: new AbortController().signal,
  ...request,
})

export const rightOf = async <L, A>(task: TaskEither<L, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(`expected a right, got ${JSON.stringify(result.left)}`)
  return result.right
}

export const leftOf = async <L, A>(task: TaskEither<L, A>): Promise<L> => {
  const result = await task()
  if (E.isRight(result)) throw new Error(`expected a left, got ${JSON.stringify(result.right)}`)
  return result.left
}
