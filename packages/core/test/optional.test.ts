// The verbs that only some drives have: what core does for each, whichever adapter is below.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import {
  layer,
  matchesQuery,
  nameOf,
  path,
  requires,
  reveal,
  secret,
  toPromises,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type LayeredCall,
  type Placed,
  type Purged,
  type TrashEntry,
} from '../src'
import {
  defineDrive,
  notFound,
  temporaryName,
  type OptionalOperations,
  type RawOutcome,
  type Started,
} from '../src/adapter'
import { capabilities, toy } from './toy'

const all = {
  ...capabilities,
  operations: {
    ...capabilities.operations,
    listTrash: true,
    restore: true,
    purge: true,
    emptyTrash: true,
    search: true,
    listVersions: true,
    restoreVersion: true,
    downloadUrl: true,
    setTimes: true,
    changes: true,
  },
  conflict: {
    ...capabilities.conflict,
    restore: { ...capabilities.conflict.writeFile, overwrite: capabilities.conflict.restore.overwrite },
  },
} as const

const file = (at: string, size?: number, modifiedAt?: Date): FileEntry => ({
  kind: 'file',
  path: path(at as 'a'),
  name: nameOf(path(at as 'a')),
  checksums: {},
  ...(size === undefined ? {} : { size }),
  ...(modifiedAt === undefined ? {} : { modifiedAt }),
})
const trashed = (trashId: string): TrashEntry => ({ trashId, kind: 'file', name: `n${trashId}` })

type Written = Omit<OptionalOperations, 'copyDir' | 'batchMove' | 'batchCopy' | 'batchRemove' | 'usage'>

const open = () => {
  const calls: Array<string> = []
  const say = (...what: ReadonlyArray<unknown>) => calls.push(what.map((one) => JSON.stringify(one)).join(' '))
  const pageOf = <A>(items: ReadonlyArray<A>, { cursor, limit }: { cursor?: string | undefined; limit: number }) => {
    const start = Number(cursor ?? 0)
    const next = start + limit < items.length ? { next: String(start + limit) } : {}
    return TE.right({ items: items.slice(start, start + limit), ...next })
  }
  const operations: Written = {
    listTrash: (page) => (say('listTrash', page), pageOf(['1', '2', '3', '4', '5'].map(trashed), page)),
    restore: (ids, how) => {
      say('restore', ids, how)
      return TE.right(
        ids.map((id): RawOutcome<Placed> =>
          id === 'gone'
            ? { status: 'failed', fault: notFound({ what: 'trash' }) }
            : { status: 'done', path: path('back'), how: 'as-asked' },
        ),
      )
    },
    purge: (ids) => {
      say('purge', ids)
      return TE.right(ids.map((): RawOutcome<Purged> => ({ status: 'done', how: 'erased' })))
    },
    emptyTrash: () => (say('emptyTrash'), TE.right(undefined)),
    search: (_, page) =>
      pageOf([file('d/Ax', 1), file('d/b', 2), file('ax', 3), file(temporaryName(path('a'), 'new'), 3)], page),
    listVersions: (_, page) =>
      pageOf(
        [
          { current: true, checksums: {} },
          { versionId: 'v1', current: false, checksums: {} },
        ],
        page,
      ),
    restoreVersion: (at, version) => (version === 'v1' ? TE.right(file(at)) : TE.left(notFound({ what: 'version' }))),
    downloadUrl: (at, how) => {
      say('downloadUrl', at, how)
      return TE.right({ url: secret('https://a.example/?sign=0123456789') })
    },
    setTimes: (at, times) => (say('setTimes', at, times), TE.right(undefined)),
    changes: (page) => {
      say('changes', page)
      const temporary = { what: 'created', path: path(temporaryName(path('a'), 'new') as 'a') } as const
      return page.cursor === 'old'
        ? TE.left(notFound({ what: 'cursor' }))
        : TE.right({
            items: [temporary, { what: 'moved', path: path('a') }, { what: 'other' }],
            cursor: 'c',
            more: true,
          })
    },
  }
  const under = toy({ a: 'content' })
  const drive = defineDrive('toy', all, { ...under.operations, ...operations })
  return { calls, drive, operations }
}

test('a drive has the verbs that its capabilities do not deny, and from JavaScript the others are Unsupported', async () => {
  const { drive } = toy()
  // @ts-expect-error the toy's capabilities deny it
  expect(typeof drive.listTrash).toBe('function')
  // @ts-expect-error the toy keeps no versions
  const read = await drive.readFile(path('a'), { version: 'v1' })()
  expect(read).toMatchObject({ left: { _tag: 'Unsupported', feature: 'operations.listVersions' } })
  const loose = drive as unknown as ReturnType<typeof open>['drive']
  const args: Record<keyof Written, Promise<unknown>> = {
    listTrash: loose.listTrash()(),
    restore: loose.restore(['1'])(),
    purge: loose.purge(['1'])(),
    emptyTrash: loose.emptyTrash()(),
    search: loose.search({})(),
    listVersions: loose.listVersions(path('a'))(),
    restoreVersion: loose.restoreVersion(path('a'), 'v1')(),
    downloadUrl: loose.downloadUrl(path('a'))(),
    setTimes: loose.setTimes(path('a'), { modifiedAt: new Date(0) })(),
    changes: loose.changes()(),
  }
  for (const [verb, result] of Object.entries(args))
    expect(await result).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'Unsupported', operation: verb, feature: `operations.${verb}` },
    })
})

test('`requires` gives an unknown drive the verbs that it names', async () => {
  const unknown: DriveProvider = open().drive
  const able = requires('operations.listTrash', 'operations.restore')(unknown)
  if (E.isLeft(able)) throw new Error(able.left.message)
  expect(await able.right.listTrash({ limit: 1 })()).toMatchObject({ right: { next: '1' } })
  // @ts-expect-error it was not required
  expect(typeof able.right.search).toBe('function')
  const poor: DriveProvider = toy().drive
  expect(requires('operations.search')(poor)).toMatchObject({ left: { _tag: 'Unsupported' } })
})

test('limits are clamped and cursors passed on', async () => {
  const { drive, calls } = open()
  await drive.listTrash({ limit: 99.5, cursor: '1' })()
  await drive.listTrash({ limit: 0 })()
  expect(calls).toEqual(['"listTrash" {"cursor":"1","limit":3}', '"listTrash" {"limit":1}'])
})

test('restoring answers for each item in the order of the request, and sends no id twice at once', async () => {
  const { drive, calls } = open()
  const items = ['1', trashed('gone'), '1', '2'] as const
  const settled = await drive.restore(items, { conflict: 'rename' })()
  if (E.isLeft(settled)) throw new Error(settled.left.message)
  expect(settled.right.outcomes.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'done'])
  expect(settled.right.outcomes.map(({ item }) => item)).toEqual(items)
  const [, gone] = settled.right.outcomes
  expect(gone).toMatchObject({ error: { _tag: 'NotFound', what: 'trash', operation: 'restore' } })
  expect(gone?.status === 'failed' && gone.error.message).toMatch(/not in the trash/)
  expect(calls).toEqual([
    '"restore" ["1","gone"] {"conflict":"rename"}',
    '"restore" ["2"] {"conflict":"rename"}',
    '"restore" ["1"] {"conflict":"rename"}',
  ])
  expect(await drive.restore(['1'], { conflict: 'overwrite' })()).toMatchObject({
    left: { _tag: 'Unsupported', feature: 'conflict.restore.overwrite' },
  })
})

test('work that the service does later is polled, or answers with a task that tells every outcome', async () => {
  const started = (): TE.TaskEither<never, Started> => TE.right({ state: 'job' })
  const taskOf = TE.right({
    status: 'settled' as const,
    result: [{ status: 'done' as const, how: 'erased' as const }] as ReadonlyArray<RawOutcome<Purged>>,
  })
  const under = toy()
  const drive = defineDrive('toy', all, {
    ...under.operations,
    ...open().operations,
    purge: started,
    task: () => taskOf,
  })
  const accepted = await drive.purge([{ trashId: '7' }], { wait: false })()
  if (E.isLeft(accepted) || !('task' in accepted.right)) throw new Error('no task')
  expect(JSON.parse(JSON.stringify(accepted.right.task))).toEqual(accepted.right.task)
  const outcomes = [{ status: 'done', item: { trashId: '7' }, how: 'erased' }]
  expect(await drive.task(accepted.right.task)()).toMatchObject({ right: { status: 'settled', result: { outcomes } } })
  expect(await drive.purge([{ trashId: '7' }])()).toMatchObject({ right: { outcomes } })
})

test('what a service finds beyond the query is left out', async () => {
  const { drive } = open()
  const found = await drive.search({ name: 'AX', below: path('d') })()
  expect(found).toMatchObject({ right: { items: [{ path: 'd/Ax' }], next: '3' } })
  const names: Array<string> = []
  for await (const entry of toPromises(drive).search({})) names.push(entry.path)
  expect(names).toEqual(['d/Ax', 'd/b', 'ax'])
})

test.each<[string, Parameters<typeof matchesQuery>[0], Entry, boolean]>([
  ['the directory itself', { below: path('d') }, { kind: 'directory', path: path('d'), name: 'd' }, false],
  ['a sibling of like name', { below: path('d') }, file('dd/x'), false],
  ['a decomposed name', { name: '\u00c9' }, file('cafe\u0301'), true],
  ['a file of unknown size', { size: { min: 0 } }, file('a'), false],
  ['the lower bound', { size: { min: 1 } }, file('a', 1), true],
  ['the upper bound', { size: { max: 1 } }, file('a', 1), true],
  ['above the upper bound', { size: { max: 1 } }, file('a', 2), false],
  ['a directory, by size', { size: { min: 0 } }, { kind: 'directory', path: path('d'), name: 'd' }, false],
  ['no time', { modifiedAt: { from: new Date(0) } }, file('a'), false],
  ['a time at the bound', { modifiedAt: { from: new Date(5), to: new Date(5) } }, file('a', 1, new Date(5)), true],
  ['a later time', { modifiedAt: { to: new Date(4) } }, file('a', 1, new Date(5)), false],
  ['another kind', { kind: 'directory' }, file('a'), false],
])('a query and %s', (_, query, entry, expected) => {
  expect(matchesQuery(query)(entry)).toBe(expected)
})

test('arguments are checked before anything is sent', async () => {
  const { drive, calls } = open()
  const wrong = [
    drive.restore([{} as never]),
    drive.search({ size: { min: -1 } }),
    drive.search({ kind: 'folder' as never }),
    drive.downloadUrl(path('a'), { expiresIn: 0 }),
    drive.setTimes(path('a'), {}),
    drive.setTimes(path('a'), { modifiedAt: new Date(NaN) }),
  ]
  for (const result of wrong) expect(await result()).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  expect(await drive.search({ below: 'a//b' as never })()).toMatchObject({ left: { _tag: 'InvalidPath' } })
  expect(calls).toEqual([])
})

test('the promise face takes plain paths, pages like a list, and shows no URL', async () => {
  const drive = toPromises(open().drive)
  const ids: Array<string> = []
  for await (const { trashId } of drive.listTrash()) ids.push(trashId)
  expect(ids).toEqual(['1', '2', '3', '4', '5'])
  expect((await drive.listTrash({ limit: 2 })).items).toHaveLength(2)
  expect((await drive.listVersions('/a/')).items).toHaveLength(2)
  expect(await drive.restoreVersion('a', 'v1')).toMatchObject({ path: 'a' })
  await expect(drive.restoreVersion('a', 'v9')).rejects.toMatchObject({
    error: { _tag: 'NotFound', what: 'version', path: 'a', operation: 'restoreVersion' },
  })
  await expect(drive.listVersions('a//b')).rejects.toMatchObject({ code: 'InvalidPath' })
  const { url } = await drive.downloadUrl('a', { expiresIn: 1000 })
  expect([String(url), reveal(url)]).toEqual(['[secret]', 'https://a.example/?sign=0123456789'])
  expect(await drive.readText('a', { version: 'v1' })).toBe('content')
  // @ts-expect-error the toy has no trash
  expect(toPromises(toy().drive).listTrash).toBeInstanceOf(Function)
})

test('a change feed hides temporaries, and says which cursors are no longer kept', async () => {
  const { drive, calls } = open()
  expect(await toPromises(drive).changes({ cursor: 'b', limit: 99 })).toEqual({
    items: [{ what: 'moved', path: 'a' }, { what: 'other' }],
    cursor: 'c',
    more: true,
  })
  expect(calls).toEqual(['"changes" {"cursor":"b","limit":3}'])
  await expect(toPromises(drive).changes({ cursor: 'old' })).rejects.toMatchObject({
    error: { _tag: 'NotFound', what: 'cursor', operation: 'changes' },
  })
})

test('layers are around these verbs, too', async () => {
  const { drive } = open()
  const seen: Array<Pick<LayeredCall, 'operation' | 'changes' | 'inputs'>> = []
  const layered = layer(drive, {
    '*': (next, { operation, changes, inputs }) => (seen.push({ operation, changes, inputs }), next()),
    emptyTrash: () => () => TE.left({ ...drive } as never),
  })
  await layered.search({ name: 'a' })()
  await layered.setTimes(path('a'), { modifiedAt: new Date(0) })()
  expect(E.isLeft(await layered.emptyTrash()())).toBe(true)
  expect(seen).toEqual([
    { operation: 'search', changes: false, inputs: [{ name: 'a' }] },
    { operation: 'setTimes', changes: true, inputs: ['a', { modifiedAt: new Date(0) }] },
  ])
})
