// The laws of the optional verbs catch: drives that are broken in one way each.
import { createStore, openMemory, type MemoryDrive } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { laws, runLaws } from '../src'

type Break = (drive: MemoryDrive) => Partial<MemoryDrive>

const brokenLaws = async (broken: Break, operation: string): Promise<ReadonlyArray<string>> => {
  const store = createStore(undefined, undefined, 100)
  const open = (): MemoryDrive => {
    const drive = openMemory({ store, trash: true, versions: true })
    return { ...drive, ...broken(drive) }
  }
  const subject = { capabilities: open().capabilities, open, hooks: { disposableTrash: true } as const }
  const found: Array<string> = []
  const own = laws.filter((law) => law.operation === operation)
  for await (const result of runLaws(subject, own)) if (result.status === 'broken') found.push(result.law.name)
  return found
}

const breaks: ReadonlyArray<readonly [string, string, Break]> = [
  [
    'a page of the trash begins where the one before began',
    'listTrash',
    (drive) => ({
      listTrash: (o) => drive.listTrash({ ...o, cursor: undefined }),
    }),
  ],
  [
    'a removal tells an id of its own',
    'listTrash',
    (drive) => ({
      batchRemove: ((items: never, o: never) =>
        pipe(
          drive.batchRemove(items, o),
          TE.map(({ outcomes }) => ({
            outcomes: outcomes.map((one) => (one.status === 'done' ? { ...one, trashId: 'x' } : one)),
          })),
        )) as unknown as MemoryDrive['batchRemove'],
    }),
  ],
  [
    'restoring leaves the entry in the trash',
    'restore',
    (drive) => ({
      restore: ((items: never, o: never) => async () => {
        const kept = [...drive.store.bin]
        const result = await drive.restore(items, o)()
        drive.store.bin.splice(0, Infinity, ...kept)
        return result
      }) as MemoryDrive['restore'],
    }),
  ],
  [
    'restoring always renames',
    'restore',
    (drive) => ({
      restore: ((items: never) => drive.restore(items, { conflict: 'rename' })) as MemoryDrive['restore'],
    }),
  ],
  [
    'restoring answers in another order',
    'restore',
    (drive) => ({
      restore: ((items: ReadonlyArray<never>, o: never) =>
        drive.restore([...items].reverse(), o)) as MemoryDrive['restore'],
    }),
  ],
  [
    'nothing is purged',
    'purge',
    () => ({
      purge: ((items: ReadonlyArray<string>) =>
        TE.right({ outcomes: items.map((item) => ({ status: 'done', item, how: 'erased' })) })) as MemoryDrive['purge'],
    }),
  ],
  ['the trash is not emptied', 'emptyTrash', () => ({ emptyTrash: () => TE.right(undefined) })],
  [
    'a search minds upper and lower case',
    'search',
    (drive) => ({
      search: (query, o) =>
        pipe(
          drive.search(query, o),
          TE.map((page) => ({ ...page, items: page.items.filter(({ name }) => name.includes(query.name ?? '')) })),
        ),
    }),
  ],
  [
    'a search ignores where it is to look',
    'search',
    (drive) => ({
      search: (query, o) => drive.search({ ...query, below: undefined }, o),
    }),
  ],
  [
    'a search ignores sizes',
    'search',
    (drive) => ({
      search: (query, o) => drive.search({ ...query, size: undefined }, o),
    }),
  ],
  [
    'a search excludes the bounds of a time',
    'search',
    (drive) => ({
      search: (query, o) => {
        const from = query.modifiedAt?.from
        const later = from === undefined ? undefined : new Date(from.getTime() + 1)
        return drive.search({ ...query, modifiedAt: { ...query.modifiedAt, from: later } }, o)
      },
    }),
  ],
  [
    'versions are listed with the oldest first',
    'listVersions',
    (drive) => ({
      listVersions: (path, o) =>
        pipe(
          drive.listVersions(path, o),
          TE.map((page) => ({ ...page, items: [...page.items].reverse() })),
        ),
    }),
  ],
  [
    'every version reads as the current content',
    'listVersions',
    (drive) => ({
      readFile: (path, o) => drive.readFile(path, { ...o, version: undefined }),
    }),
  ],
  [
    'restoring a version loses what the file held',
    'restoreVersion',
    (drive) => ({
      restoreVersion: (path, version) => async () => {
        const result = await drive.restoreVersion(path, version)()
        const file = [...drive.store.tree.root.children.values()].flatMap((dir) =>
          dir.kind === 'directory' ? [...dir.children.values()] : [],
        )
        for (const node of file) if (node.kind === 'file') Object.assign(node, { history: [] })
        return result
      },
    }),
  ],
  [
    'the URL is printed',
    'downloadUrl',
    (drive) => ({
      downloadUrl: (path, o) =>
        pipe(
          drive.downloadUrl(path, o),
          TE.map(() => ({ url: 'data:,content' as never })),
        ),
    }),
  ],
  [
    'the feed begins anew at each cursor',
    'changes',
    (drive) => ({
      changes: (o) => drive.changes(o?.cursor === undefined ? o : { ...o, cursor: o.cursor.replace(/:.*/, ':0') }),
    }),
  ],
  [
    'the feed has the latest first',
    'changes',
    (drive) => ({
      changes: (o) =>
        pipe(
          drive.changes(o),
          TE.map((page) => ({ ...page, items: [...page.items].reverse() })),
        ),
    }),
  ],
  [
    'a cursor that is none begins with what comes next',
    'changes',
    (drive) => ({
      changes: (o) =>
        pipe(
          drive.changes(o),
          TE.orElse(() => drive.changes()),
        ),
    }),
  ],
  [
    'a move is reported as a removal',
    'changes',
    (drive) => ({
      changes: (o) =>
        pipe(
          drive.changes(o),
          TE.map((page) => ({
            ...page,
            items: page.items.map((one) => (one.what === 'moved' ? { ...one, what: 'removed' as const } : one)),
          })),
        ),
    }),
  ],
  [
    'more is promised for ever',
    'changes',
    (drive) => ({
      changes: (o) =>
        pipe(
          drive.changes(o),
          TE.map((page) => ({ ...page, more: o?.cursor !== undefined })),
        ),
    }),
  ],
  ['times are not set', 'setTimes', () => ({ setTimes: () => TE.right(undefined) })],
  [
    'both times are set to the same',
    'setTimes',
    (drive) => ({
      setTimes: (path, { modifiedAt, createdAt = modifiedAt }) => drive.setTimes(path, { modifiedAt, createdAt }),
    }),
  ],
]

test.each(breaks)('%s', async (_, operation, broken) => {
  expect(await brokenLaws(broken, operation)).not.toEqual([])
})

test('the memory drive keeps them all, and one that can do none refuses', async () => {
  expect(await brokenLaws(() => ({}), 'restore')).toEqual([])
  const { capabilities } = openMemory()
  const open = () => ({ ...openMemory(), listTrash: () => TE.right({ items: [] }) })
  const own = laws.filter((law) => law.operation === 'listTrash')
  const results = []
  for await (const result of runLaws({ capabilities, open }, own)) results.push(result.status)
  expect(results).toContain('broken')
  expect(E.isLeft(await openMemory().listTrash()())).toBe(true)
})
