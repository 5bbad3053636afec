// The documents' own examples decode, their errors translate, and no secret is ever shown.
import { createRegistry, path, root, type LogEvent, type Environment } from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { box, openBox } from '../src'
import { toFault } from '../src/errors'
import { toEntry, toOutcomes, toPage } from '../src/translate'
import { Node, Nodes, Results } from '../src/wire'
import { serveBox } from './server'

const answer = (status: number, body: unknown): HttpResponse => ({
  status,
  header: () => undefined,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: 'unknown',
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
  [418, { code: 'never heard of' }, { _tag: 'UnexpectedResponse', code: 'never heard of' }],
])('%d %j is told as its fault', (status, body, fault) => {
  expect(toFault(answer(status, body))).toMatchObject(fault)
})

test('outcomes answer for every item, even for one that the vendor forgot', () => {
  const decoded = Results.decode({ results: [{ path: '/x (1)' }, { code: 'taken' }] })
  if (E.isLeft(decoded)) throw new Error('a right was expected')
  expect(toOutcomes(decoded.right, [path('x'), path('y'), path('z')])).toMatchObject([
    { status: 'done', path: 'x (1)', how: 'renamed' },
    { status: 'failed', fault: { _tag: 'NameConflict' } },
    { status: 'failed', fault: { _tag: 'Indeterminate' } },
  ])
})

const opened = (settings: object, environment?: Environment) => {
  const drive = createRegistry([box]).openUnknown({ type: 'box', ...settings }, environment)
  if (E.isLeft(drive)) throw new Error(drive.left.message)
  return drive.right
}

test('a wrong token is Unauthenticated, and is shown nowhere', async () => {
  const server = await serveBox('right')
  const events: Array<LogEvent> = []
  const drive = opened({ url: server.url, token: 'hush' }, { log: (event) => events.push(event) })
  const stat = await drive.stat(root)()
  expect(stat).toMatchObject({ left: { _tag: 'Unauthenticated', vendor: 'box', operation: 'stat' } })
  expect(events).toMatchObject([{ endpoint: 'stat', status: 401 }])
  expect(inspect([drive, stat, events], { depth: 9 }) + JSON.stringify([drive, stat, events])).not.toContain('hush')
  expect(box.settings.decode({ type: 'box', url: 7, token: 'hush' })).not.toMatchObject({ right: {} })
  await server.close()
})

test('settings that are wrong are refused by name, however the drive is opened', () => {
  const settings = { url: 'http://127.0.0.1:1', token: 'hush', tokn: 'hush' }
  expect(() => openBox(settings)).toThrow(
    /^the settings of the box drive are wrong: tokn: unknown key; did you mean token\?$/,
  )
  expect(createRegistry([box]).openUnknown({ type: 'box', ...settings })).toMatchObject({
    left: { _tag: 'InvalidSettings' },
  })
  expect(() => openBox({ url: 'ftp://x', token: '' })).toThrow('url: expected an http or https URL')
})

test('a program’s own getToken is asked again after a refusal, and may fail', async () => {
  const server = await serveBox('second')
  const tokens = ['first', 'second']
  const drive = opened(
    { url: server.url, token: 'unused' },
    { getToken: () => Promise.resolve(tokens.shift() ?? 'none') },
  )
  expect(await drive.stat(root)()).toMatchObject({ right: { kind: 'directory' } })
  expect(tokens).toEqual([])
  const failing = opened({ url: server.url, token: 'unused' }, { getToken: () => Promise.reject(new Error('hush')) })
  const stat = await failing.stat(root)()
  expect(stat).toMatchObject({ left: { _tag: 'Unauthenticated', said: 'getToken failed' } })
  expect(inspect(stat)).not.toContain('hush')
  await server.close()
})
