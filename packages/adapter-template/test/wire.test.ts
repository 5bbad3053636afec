// The documents' own examples decode, their errors translate, and no secret is ever shown.
import { createRegistry, path, root } from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { box } from '../src'
import { toEntry, toFault, toOutcomes, toPage } from '../src/translate'
import { Node, Nodes, Results } from '../src/wire'
import { serveBox } from './server'

const answer = (status: number, body: unknown): HttpResponse => ({
  status,
  header: () => undefined,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts: 1,
})

test('a file and a folder are told apart', () => {
  const file = { path: '/a/b.txt', folder: false, bytes: 5, sha256: 'ab', changed: '2026-01-02T03:04:05.000Z' }
  expect(E.flatMap(toEntry)(E.mapLeft(() => ({ _tag: 'Ambiguous' as const }))(Node.decode(file)))).toMatchObject({
    right: {
      kind: 'file',
      path: 'a/b.txt',
      name: 'b.txt',
      size: 5,
      checksums: { sha256: 'ab' },
      modifiedAt: new Date('2026-01-02T03:04:05Z'),
    },
  })
  expect(toEntry({ path: '/a', folder: true })).toMatchObject({ right: { kind: 'directory', path: 'a' } })
  expect(toEntry({ path: '/a//b', folder: true })).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
})

test('the last page has no cursor', () => {
  expect(E.isRight(Nodes.decode({ nodes: [], next: '/a' }))).toBe(true)
  expect(toPage({ nodes: [], next: '/a' })).toEqual(E.right({ items: [], next: '/a' }))
  expect(toPage({ nodes: [] })).toEqual(E.right({ items: [] }))
})

test.each([
  [401, { code: 'bad-token' }, { _tag: 'Unauthenticated', code: 'bad-token', http: 401 }],
  [404, { code: 'no-parent' }, { _tag: 'NotFound', what: 'parent' }],
  [409, { code: 'not-a-folder', at: '/a/f' }, { _tag: 'WrongKind', expected: 'directory', at: 'a/f' }],
  [409, { code: 'taken', message: 'in use' }, { _tag: 'NameConflict', said: 'in use' }],
  [429, { code: 'slow' }, { _tag: 'RateLimited' }],
  [403, '<html>', { _tag: 'Forbidden', http: 403 }],
  [502, '', { _tag: 'Unavailable', http: 502 }],
  [500, { code: 'never heard of' }, { _tag: 'Unavailable', code: 'never heard of' }],
])('%d %j is told as its fault', (status, body, fault) => {
  expect(toFault(answer(status, body))).toMatchObject(fault)
})

test('outcomes answer for every item, even for one that the vendor forgot', () => {
  const decoded = Results.decode({ results: [{ path: '/x (1)' }, { code: 'taken' }] })
  if (E.isLeft(decoded)) throw new Error('a right was expected')
  expect(toOutcomes(decoded.right, [path('x'), path('y'), path('z')])).toMatchObject([
    { status: 'done', path: 'x (1)', how: 'renamed' },
    { status: 'failed', fault: { _tag: 'NameConflict' } },
    { status: 'failed', fault: { _tag: 'Unavailable' } },
  ])
})

test('a wrong token is Unauthenticated, and is not shown', async () => {
  const server = await serveBox('right')
  const opened = createRegistry([box]).openUnknown({ type: 'box', url: server.url, token: 'hush' })
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  const stat = await opened.right.stat(root)()
  expect(stat).toMatchObject({ left: { _tag: 'Unauthenticated', vendor: 'box', operation: 'stat' } })
  expect(inspect([opened, stat], { depth: 9 })).not.toContain('hush')
  await server.close()
})
