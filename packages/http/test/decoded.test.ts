// From answers to values, and the looks that make repeating safe.
import { forbidden, nameConflict, network, notFound, timeout, unavailable, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import * as TE from 'fp-ts/TaskEither'
import { decoded, guarded, type HttpResponse } from '../src'
import { leftOf, rightOf } from './requests'

const answer = (status: number, text: string): TE.TaskEither<never, HttpResponse> =>
  TE.right({ status, text, header: (name) => (name === 'x-request-id' ? 'r1' : undefined), attempts: 2 })
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
    expect(await leftOf(read(answer(404, '{}')))).toEqual({ _tag: 'NotFound', what: 'source', http: 404, attempts: 2 })
    expect(await leftOf(read(answer(302, '')))).toMatchObject({ _tag: 'Forbidden', http: 302 })
  })

  test('names the places that fail, never the values', async () => {
    expect(await leftOf(read(answer(200, '{"name":7,"size":"hush"}')))).toEqual({
      _tag: 'UnexpectedResponse',
      http: 200,
      attempts: 2,
      requestId: 'r1',
      issues: [{ at: 'name', expected: 'string', got: 'number' }],
    })
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
    expect(await leftOf(read(TE.left(network())))).toEqual(network())
  })
})

describe('guarding', () => {
  type Look = E.Either<Fault, { readonly id: number } | 'absent' | 'unknown'>
  const lost: E.Either<Fault, { readonly id: number }> = E.left(network({ code: 'ECONNRESET' }))

  const run = async (
    calls: ReadonlyArray<E.Either<Fault, { readonly id: number }>>,
    looks: ReadonlyArray<Look>,
    attempts?: number,
  ) => {
    const made: Array<string> = []
    let c = 0
    let l = 0
    const result = await guarded({
      call: () => (made.push('call'), Promise.resolve(calls[c++] ?? lost)),
      look: () => (made.push('look'), Promise.resolve(looks[l++] ?? E.right('absent' as const))),
      check: 'the folder',
      attempts,
      surroundings: { delay: () => (made.push('pause'), Promise.resolve()) },
    })()
    return [made.join(' '), result] as const
  }

  test('leaves a clear success or refusal alone', async () => {
    expect(await run([E.right({ id: 1 })], [])).toEqual(['call', E.right({ id: 1 })])
    expect(await run([E.left(nameConflict())], [])).toEqual(['call', E.left(nameConflict())])
  })

  test('answers with the effect that it finds', async () => {
    for (const fault of [network(), timeout(), unavailable()])
      expect(await run([E.left(fault)], [E.right({ id: 7 })])).toEqual(['call look', E.right({ id: 7 })])
  })

  test('repeats what cannot have happened', async () => {
    expect(await run([lost, E.right({ id: 2 })], [])).toEqual(['call look pause call', E.right({ id: 2 })])
  })

  test('gives up after three calls, with the error of the last', async () => {
    expect(await run([], [])).toEqual(['call look pause call look pause call look', lost])
    expect(await run([], [], 1)).toEqual(['call look', lost])
  })

  test('is Indeterminate where looking does not tell, or fails', async () => {
    const indeterminate = E.left({ _tag: 'Indeterminate', check: 'the folder' })
    expect(await run([lost], [E.right('unknown')])).toEqual(['call look', indeterminate])
    expect(await run([lost], [E.left(network())])).toEqual(['call look', indeterminate])
  })

  test('does not look after what certainly had no effect', async () => {
    const refused = { ...network({ code: 'ECONNREFUSED' }), effect: 'none' as const }
    expect(await run([E.left(refused)], [])).toEqual(['call', E.left(refused)])
  })

  test('does not repeat after an abort', async () => {
    let calls = 0
    const controller = new AbortController()
    const result = await guarded({
      call: () => (calls++, Promise.resolve(lost)),
      look: () => (controller.abort(), Promise.resolve(E.right('absent' as const))),
      check: '',
      signal: controller.signal,
    })()
    expect([calls, result]).toEqual([1, E.left({ _tag: 'Aborted', effect: 'none' })])
  })

  test('does not take for absent what was aborted on its way, and may still come', async () => {
    const controller = new AbortController()
    const called = (found: Look) =>
      guarded({
        call: () => (controller.abort(), Promise.resolve(lost)),
        look: () => Promise.resolve(found),
        check: '',
        signal: controller.signal,
      })()
    expect(await called(E.right('absent'))).toEqual(E.left({ _tag: 'Aborted', effect: 'unknown' }))
    expect(await called(E.right({ id: 7 }))).toEqual(E.right({ id: 7 }))
  })
})
