// The kit catches: drives that are broken in one way each, and the law that says so.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  toPromises,
  under,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Page,
  type Result,
} from '@anydrive/core'
import { aborted, nameConflict, locate } from '@anydrive/core/adapter'
import { createStore, openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { runInNewContext } from 'node:vm'
import {
  checkAgainstModel,
  conformance,
  laws,
  matrixMarkdown,
  matrixOf,
  matrixText,
  runLaws,
  type Subject,
  type LawResult,
} from '../src'

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
  const results: Array<LawResult> = []
  const chosen = laws.filter((law) => operations.includes(law.operation))
  for await (const result of runLaws(subjectOf(broken), chosen)) results.push(result)
  return matrixOf(results).broken.map((one) => one.law)
}

const breaks: Array<readonly [string, ReadonlyArray<string>, Break]> = [
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

breaks.push(
  [
    'a race has two winners',
    ['createDir'],
    (drive) => ({
      createDir: (path, o) => async () => {
        const free = E.isLeft(await drive.stat(path)())
        await new Promise((resolve) => setImmediate(resolve))
        const made = await drive.createDir(path, o)()
        const standing = await drive.stat(path)()
        return free && E.isLeft(made) && E.isRight(standing) && standing.right.kind === 'directory'
          ? E.right({ ...standing.right, how: 'as-asked' as const })
          : made
      },
    }),
  ],
  [
    'a time-out is told as an abort',
    ['batchMove'],
    (drive) => ({
      batchMove: ((items: Parameters<DriveProvider['batchMove']>[0], o?: { readonly timeout?: number }) =>
        o?.timeout === 1
          ? TE.left(locate({ vendor: 'memory', operation: 'batchMove' })(aborted({ effect: 'none' })))
          : drive.batchMove(items, o)) as DriveProvider['batchMove'],
    }),
  ],
  [
    'an error does not say where it happened',
    ['stat'],
    (drive) => ({
      stat: (path, o) =>
        pipe(
          drive.stat(path, o),
          TE.mapLeft((error) => ({ ...error, message: '' })),
        ),
    }),
  ],
)

test.each(breaks)('%s', async (_, operations, broken) => {
  expect(await brokenLaws(broken, operations)).not.toEqual([])
})

test('a drive that keeps the contract keeps every law', async () => {
  expect(await brokenLaws(() => ({}), [...new Set(laws.map((law) => law.operation))])).toEqual([])
})

test('pages may be short, or empty, with more to come', async () => {
  const short: Break = (drive) => ({
    list: (path, o) => {
      if (o?.cursor === undefined) return pipe(drive.list(path, { ...o, limit: 1 }), TE.map(emptyFirst))
      if (o.cursor === start) return drive.list(path, { ...o, cursor: undefined, limit: 1 })
      return drive.list(path, { ...o, limit: 1 })
    },
  })
  const start = 'from the start'
  const emptyFirst = (page: Page<Entry>): Page<Entry> => (page.items.length === 0 ? page : { items: [], next: start })
  expect(await brokenLaws(short, ['list', 'walk'])).toEqual([])
})

test('a drive that does what it does not declare is caught: what is not declared must be refused', async () => {
  const subject = subjectOf(() => ({}))
  const { capabilities } = subject
  const less = {
    ...capabilities,
    operations: { ...capabilities.operations, copyDir: false },
    conflict: {
      ...capabilities.conflict,
      writeFile: { ...capabilities.conflict.writeFile, overwrite: { support: 'unsupported', basis: 'documented' } },
    },
  } as const
  const results: Array<LawResult> = []
  const chosen = laws.filter(({ operation }) => operation === 'copyDir' || operation === 'writeFile')
  for await (const result of runLaws({ ...subject, capabilities: less }, chosen)) results.push(result)
  const { broken, skipped } = matrixOf(results)
  expect(broken.map(({ law }) => law)).toEqual(
    expect.arrayContaining([
      'copyDir under ask onto nothing places it as asked',
      'writeFile under overwrite onto a file replaces the file',
    ]),
  )
  expect(skipped.map(({ why }) => why)).toContain('operations.copyDir is not declared')
})

test('a runner is told what does not apply, and that test fails where the drive declares more', async () => {
  const subject = subjectOf(() => ({}))
  const { capabilities } = subject
  const operations = { ...capabilities.operations, batchCopy: false }
  const tests = new Map<string, () => Promise<void>>()
  const runner = {
    describe: (_: string, body: () => void) => {
      body()
    },
    test: (name: string, body: () => Promise<void>) => tests.set(name, body),
  }
  const few = laws.filter(({ operation }) => operation === 'batchCopy')
  conformance(runner, { ...subject, capabilities: { ...capabilities, operations } }, { laws: few })
  const told = [...tests.keys()].filter((name) => name.endsWith('not applicable'))
  expect(told).toContainEqual(expect.stringMatching(/^operations\.batchCopy is not declared: \d+ laws not applicable$/))
  await expect(tests.get(told[0] ?? '')?.()).rejects.toThrow('declares more than the capabilities given')
})

test('a run that ends early lists what it did not come to, and an inference that does not hold is told', async () => {
  const subject = subjectOf((drive) => ({ createDir: (path, o) => drive.createDir(path, { ...o, conflict: 'ask' }) }))
  const { capabilities } = subject
  const { createDir } = capabilities.conflict
  const inferred = {
    ...capabilities,
    conflict: {
      ...capabilities.conflict,
      createDir: { ...createDir, rename: { ...createDir.rename, basis: 'inferred' } },
    },
  } as const
  const chosen = laws.filter(({ operation, name }) => operation === 'createDir' || name === 'usage is in bytes')
  const results: Array<LawResult> = []
  const ended = () => (results.length === chosen.length - 1 ? 'enough' : undefined)
  for await (const result of runLaws({ ...subject, capabilities: inferred }, chosen, { ended })) results.push(result)
  const matrix = matrixOf(results)
  expect(matrix.inferences).toMatchObject([{ feature: 'conflict.createDir.rename', held: false }])
  expect(matrix.notRun).toEqual([{ why: 'enough', laws: ['usage is in bytes'] }])
  const text = matrixText(matrix).join('\n')
  expect(text).toContain('conflict.createDir.rename did NOT hold')
  expect(text).toContain('declares conflict.createDir.rename: no document says so')
  expect(text).toMatch(/Not run:\n {2}enough: 1 law$/)
  expect(matrixMarkdown(matrix).join('\n')).toContain('**Not run**')
})

test('each law rests on a section that the contract has', () => {
  const contract = readFileSync(join(__dirname, '../../../docs/contract.md'), 'utf8')
  const headings = [...contract.matchAll(/^##+ (\d[\d.]*?)\.? (.+)$/gm)].map(
    ([, number, title]) => `${number} ${title}`,
  )
  expect(laws.map(({ promise }) => promise).filter((promise) => !headings.includes(promise))).toEqual([])
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
  // It is a program: it runs as it is printed.
  const printed = runInNewContext(`(async () => {\n${program.join('\n')}\n})()`, {
    drive: toPromises(openMemory()),
  }) as Promise<void>
  await expect(printed).resolves.toBeUndefined()
  expect(program.length).toBeLessThanOrEqual(4)
})
