// The kit catches: drives that are broken in one way each, and the law that says so.
import {
  nameConflict,
  locate,
  under,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Page,
  type Result,
} from '@anydrive/core'
import { createStore, openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { checkAgainstModel, laws, matrixOf, runLaws, type Subject, type Verdict } from '../src'

type Break = (drive: DriveProvider) => Partial<DriveProvider>

const subjectOf = (broken: Break): Subject => {
  const store = createStore()
  const open = (): DriveProvider => {
    const drive = openMemory({ store })
    return { ...drive, ...broken(drive) }
  }
  return { capabilities: openMemory({ store }).capabilities, open }
}

const brokenLaws = async (broken: Break, operations: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const verdicts: Array<Verdict> = []
  const chosen = laws.filter((law) => operations.includes(law.operation))
  for await (const verdict of runLaws(subjectOf(broken), chosen)) verdicts.push(verdict)
  return matrixOf(verdicts).broken.map((one) => one.law)
}

const breaks: ReadonlyArray<readonly [string, ReadonlyArray<string>, Break]> = [
  [
    'the second page is never read',
    ['list'],
    (drive) => ({
      list: (path, o) =>
        pipe(
          drive.list(path, o),
          TE.map(({ items }) => ({ items })),
        ),
    }),
  ],
  [
    'every page is the first',
    ['list'],
    (drive) => ({
      list: (path, o) => drive.list(path, o?.cursor === undefined ? o : { ...o, cursor: undefined, limit: o.limit }),
    }),
  ],
  [
    'the final name is predicted instead of read',
    ['createDir'],
    (drive) => ({
      createDir: (path, o) =>
        pipe(
          drive.createDir(path, o),
          TE.map((made) => ({ ...made, path, how: 'as-asked' as const })),
        ),
    }),
  ],
  [
    'rename is taken for ask',
    ['writeFile'],
    (drive) => ({
      writeFile: (path, source, o) =>
        drive.writeFile(path, source, o?.conflict === 'rename' ? { ...o, conflict: 'ask' } : o),
    }),
  ],
  [
    'ask overwrites',
    ['writeFile'],
    (drive) => ({
      writeFile: (path, source, o) => drive.writeFile(path, source, { ...o, conflict: o?.conflict ?? 'overwrite' }),
    }),
  ],
  [
    'ranges are one byte short',
    ['readFile'],
    (drive) => ({
      readFile: (path, o) =>
        drive.readFile(
          path,
          o?.range?.end === undefined
            ? o
            : { ...o, range: { start: o.range.start, end: Math.max(o.range.start, o.range.end - 1) } },
        ),
    }),
  ],
  [
    'batches tell outcomes in another order',
    ['batchMove'],
    (drive) => ({
      batchMove: ((items: Parameters<DriveProvider['batchMove']>[0], o: object) =>
        pipe(
          drive.batchMove(items, o),
          TE.map((b) => ({ outcomes: [...b.outcomes].reverse() })),
        )) as DriveProvider['batchMove'],
    }),
  ],
  [
    'a failed item fails the whole batch',
    ['batchRemove'],
    (drive) => ({
      batchRemove: ((items: Parameters<DriveProvider['batchRemove']>[0], o: object) =>
        pipe(
          drive.batchRemove(items, o),
          TE.flatMap((b) => {
            const failed = b.outcomes.find((x) => x.status === 'failed')
            return failed?.status === 'failed' ? TE.left(failed.error) : TE.right(b)
          }),
        )) as DriveProvider['batchRemove'],
    }),
  ],
  [
    'a missing directory is listed as empty',
    ['list'],
    (drive) => ({
      list: (path, o) =>
        pipe(
          drive.list(path, o),
          TE.orElse((): Result<Page<Entry>> => TE.right({ items: [] })),
        ),
    }),
  ],
  [
    'an abort is not heeded',
    ['stat', 'createDir'],
    (drive) => ({
      stat: (path) => drive.stat(path),
      createDir: (path, o) => drive.createDir(path, { ...o, signal: undefined }),
    }),
  ],
  [
    'copies are accepted, never made',
    ['copyDir'],
    (drive) => ({
      copyDir: (from: DrivePath, to: DrivePath) =>
        pipe(
          drive.stat(from),
          TE.map(() => ({ path: to, how: 'as-asked' as const })),
        ),
    }),
  ],
  [
    'every error is NameConflict',
    ['createDir'],
    (drive) => ({
      createDir: (path, o) =>
        pipe(
          drive.createDir(path, o),
          TE.mapLeft(() => locate({ vendor: drive.vendor, operation: 'createDir', path })(nameConflict())),
        ),
    }),
  ],
  [
    'parents are always made',
    ['createDir'],
    (drive) => ({ createDir: (path, o) => drive.createDir(path, { ...o, parents: 'create' }) }),
  ],
]

test.each(breaks)('%s', async (_, operations, broken) => {
  expect(await brokenLaws(broken, operations)).not.toEqual([])
})

test('a drive that keeps the contract keeps every law', async () => {
  expect(await brokenLaws(() => ({}), [...new Set(laws.map((law) => law.operation))])).toEqual([])
})

test('names of laws are sentences of their own', () => {
  expect(new Set(laws.map((law) => `${law.operation}: ${law.name}`)).size).toBe(laws.length)
  expect(laws.length).toBeGreaterThanOrEqual(200)
})

test('random programs find a drive that moves a directory without what is below it, and shrink to a short one', async () => {
  const subject = subjectOf((drive) => ({
    batchMove: ((items: Parameters<DriveProvider['batchMove']>[0], o: object) => async () => {
      const moved = await drive.batchMove(items, o)()
      if (E.isRight(moved))
        for (const outcome of moved.right.outcomes)
          if (outcome.status === 'done' && outcome.path !== outcome.item.from)
            await drive.batchRemove([under(outcome.path, 'a' as DrivePath)], { permanent: true })()
      return moved
    }) as DriveProvider['batchMove'],
  }))
  const failure: unknown = await checkAgainstModel(subject, { steps: 2000, seed: 1 }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  const program = (failure as Error).message.split('\n').slice(2)
  expect(program.length).toBeGreaterThan(0)
  expect(program.length).toBeLessThanOrEqual(4)
})
