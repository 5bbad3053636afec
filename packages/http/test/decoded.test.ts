// From responses to values.
import { forbidden, network, notFound } from '@anydrive/core/adapter'
import * as t from 'io-ts'
import * as TE from 'fp-ts/TaskEither'
import { decoded, type HttpResponse } from '../src'
import { leftOf, rightOf } from './requests'

const answer = (status: number, text: string): TE.TaskEither<never, HttpResponse> =>
  TE.right({
    status,
    text,
    header: (name) => (name === 'x-request-id' ? 'r1' : undefined),
    attempts: 2,
    sentAt: 0,
    receivedAt: 0,
    effect: 'none' as const,
  })
const Entry = t.strict({ name: t.string, size: t.union([t.number, t.string]) }, 'Entry')
const read = decoded(
  Entry,
  (r) => (r.status === 404 ? notFound({ what: 'source', http: 404 }) : forbidden({ http: r.status })),
  (r) => ({ requestId: r.header('x-request-id') ?? '' }),
)

describe('decoding', () => {
  test('gives the value of a success, long integers unharmed', async () => {
    expect(await rightOf(read(answer(200, '{"name":"a","size":11051210869376104954,"more":1}')))).toEqual({
      name: 'a',
      size: '11051210869376104954',
    })
  })

  test('gives the adapter’s fault for any other status, with the attempts', async () => {
    expect(await leftOf(read(answer(404, '{}')))).toEqual({
      _tag: 'NotFound',
      what: 'source',
      http: 404,
      attempts: 2,
    })
    expect(await leftOf(read(answer(302, '')))).toMatchObject({ _tag: 'Forbidden', http: 302 })
  })

  test('names the places that fail, never the values', async () => {
    expect(await leftOf(read(answer(200, '{"name":7,"size":"hush"}')))).toEqual({
      _tag: 'UnexpectedResponse',
      effect: 'none',
      http: 200,
      attempts: 2,
      requestId: 'r1',
      issues: [{ at: 'name', expected: 'string', got: 'number' }],
    })
  })

  test('says of a change that what does not decode may have happened', async () => {
    const cut = TE.right({
      status: 201,
      text: '{"name":"a","si',
      header: () => undefined,
      attempts: 1,
      sentAt: 0,
      receivedAt: 0,
      effect: 'unknown' as const,
    })
    expect(await leftOf(read(cut))).toMatchObject({ _tag: 'UnexpectedResponse', effect: 'unknown' })
  })

  test('of a text that is no JSON is UnexpectedResponse', async () => {
    const fault = await leftOf(read(answer(200, '<html>hush</html>')))
    expect(fault).toMatchObject({ _tag: 'UnexpectedResponse', issues: [{ at: '', expected: 'JSON', got: 'string' }] })
    expect(JSON.stringify(fault)).not.toContain('hush')
  })

  test('takes an empty body for undefined', async () => {
    const nothing = decoded(t.undefined, () => forbidden())
    expect(await rightOf(nothing(answer(204, '')))).toBeUndefined()
    expect(await leftOf(read(answer(204, '')))).toMatchObject({
      issues: [{ at: '', expected: 'Entry', got: 'missing' }],
    })
  })

  test('passes a failed call on', async () => {
    expect(await leftOf(read(TE.left(network({ effect: 'none' }))))).toEqual(network({ effect: 'none' }))
  })
})
