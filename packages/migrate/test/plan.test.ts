// What a plan says of two trees, without touching either.
import { nameOf, type Capabilities, type DriveProvider, type Naming } from '@anydrive/core'
import { forbidden } from '@anydrive/core/adapter'
import { createStore, openMemory, plantOther, plantSkipped, type OpenMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lineText, type PlanLine } from '../src/plan/line'
import { noRequests } from '../src/plan/estimate'
import { planMigration, type PlanOptions } from '../src/plan/plan'
import type { FindingName } from '../src/plan/issues'
import { at, contents, failing, memory, summaryOf } from './drives'

const planOf = async (options: PlanOptions) => {
  const plan = planMigration(options)
  const lines: Array<PlanLine> = []
  const failures: Array<string> = []
  for await (const line of plan.lines)
    if (E.isRight(line)) lines.push(line.right)
    else failures.push(line.left._tag)
  return { lines, failures, summary: await plan.summary(), header: plan.header }
}
const short = ({ do: done, from, to }: PlanLine): string => `${done} ${from} ${to}`

const withNaming = (drive: DriveProvider, naming: Partial<Naming>): DriveProvider => ({
  ...drive,
  capabilities: { ...drive.capabilities, naming: { ...drive.capabilities.naming, ...naming } },
})
const withCapabilities = (drive: DriveProvider, changed: Partial<Capabilities>): DriveProvider => ({
  ...drive,
  capabilities: { ...drive.capabilities, ...changed },
})
/** Everything that would change something fails the test. */
const untouchable = (drive: DriveProvider): DriveProvider => {
  const no = () => {
    throw new Error('a plan changed something')
  }
  return {
    ...drive,
    createDir: no,
    writeFile: no,
    batchRemove: no,
    batchMove: no,
    batchCopy: no,
    copyDir: no,
  } as DriveProvider
}
const findingOf = ({ summary }: Awaited<ReturnType<typeof planOf>>, what: FindingName) =>
  summary.findings.find((it) => it.what === what)

test('new, standing and merged entries, a directory before what is in it, in order, and nothing is written', async () => {
  const from = await memory({ 'b/y': 'yy', 'b/x': 'x', a: 'aaa', 'c/': '', 'b/d/z': '' })
  const to = await memory({ 'b/x': 'x', 'b/other': '?' })
  const { lines, summary } = await planOf({
    from: { drive: untouchable(from) },
    to: { drive: untouchable(to) },
    conflict: 'skip',
  })
  expect(lines.map(short)).toEqual([
    'copy a a',
    'merge b b',
    'mkdir b/d b/d',
    'copy b/d/z b/d/z',
    'skip b/x b/x',
    'copy b/y b/y',
    'mkdir c c',
  ])
  expect(lines[4]).toMatchObject({
    size: 1,
    existing: { path: 'b/x', kind: 'file', size: 1 },
    why: ['exists-identical: sha256'],
  })
  expect(summary).toMatchObject({
    files: 3,
    bytes: 5,
    todo: { mkdir: 2, merge: 1, copy: 3, skip: 1, refuse: 0 },
    found: { files: 4, bytes: 6, directories: 3, others: 0 },
    standing: { identical: { sha256: 1 }, unproven: 0, different: 0 },
    notCarried: 0,
    losses: [],
  })
})

describe('what stands is met as the migration itself would meet it', () => {
  const sides = async (settings: OpenMemory = {}) => ({
    from: { drive: await memory({ same: '1', other: '22', dir: 'file', 'sub/f': '' }) },
    to: { drive: await memory({ same: '1', other: '2', 'dir/': '', sub: 'file' }, settings) },
  })
  test.each([
    ['ask', ['refuse dir dir', 'refuse other other', 'refuse same same', 'refuse sub sub', 'refuse sub/f sub/f']],
    ['skip', ['skip dir dir', 'skip other other', 'skip same same', 'skip sub sub', 'skip sub/f sub/f']],
    [
      'overwrite',
      ['refuse dir dir', 'overwrite other other', 'skip same same', 'refuse sub sub', 'refuse sub/f sub/f'],
    ],
    [
      'rename',
      [
        'rename dir dir (1)',
        'rename other other (1)',
        'rename same same (1)',
        'rename sub sub (1)',
        'copy sub/f sub (1)/f',
      ],
    ],
  ] as const)('%s', async (conflict, expected) => {
    const { lines, summary } = await planOf({ ...(await sides()), conflict })
    expect(lines.map(short)).toEqual(expected)
    expect(summary.standing).toEqual({ identical: { sha256: 1 }, unproven: 0, different: 1 })
    const migrated = await summaryOf({ ...(await sides()), conflict })
    expect(migrated.files).toBe(summary.files)
    expect(migrated.skipped).toBe(summary.todo.skip)
    expect(migrated.failures + migrated.blocked).toBe(summary.todo.refuse)
  })
  test('a function decides, and may give another name', async () => {
    const { lines } = await planOf({
      ...(await sides()),
      conflict: ({ source }) => (source.kind === 'file' && source.size === 4 ? { renameTo: 'new' } : 'skip'),
    })
    expect(lines.map(short)).toContain('rename dir new')
  })
  test('a function that fails is told, and the rest goes on', async () => {
    const { lines, failures } = await planOf({
      ...(await sides()),
      conflict: ({ source }) => {
        if (nameOf(source.path) === 'dir') throw new Error('no')
        return 'skip'
      },
    })
    expect(failures).toEqual(['UnexpectedResponse'])
    expect(lines).toHaveLength(4)
  })
  test('of the same size without a common checksum is not taken for the same', async () => {
    const { lines, summary } = await planOf({ ...(await sides({ checksums: [] })), conflict: 'overwrite' })
    expect(lines.find(({ from }) => from === 'same')).toMatchObject({
      do: 'overwrite',
      why: ['exists-unproven: of the same size, without a checksum in common'],
    })
    expect(summary.standing).toEqual({ identical: {}, unproven: 1, different: 1 })
  })
  test('a free name is free on both sides', async () => {
    const from = await memory({ 'a.txt': '1', 'a (1).txt': '2' })
    const to = await memory({ 'a.txt': '3', 'a (2).txt': '4' })
    const { lines } = await planOf({ from: { drive: from }, to: { drive: to }, conflict: 'rename' })
    expect(lines.map(short)).toEqual(['copy a (1).txt a (1).txt', 'rename a.txt a (3).txt'])
  })
})

describe('what the destination cannot hold', () => {
  const tree = { 'a:b': '1', 'long-name-here': '2', 'd/e/f/g': '3', big: 'x'.repeat(50), CON: '4', ok: '5' }
  const sides = async (naming: NonNullable<OpenMemory['naming']> = {}, fileSize?: number) => ({
    from: { drive: await memory(tree) },
    to: { drive: openMemory({ naming, limits: fileSize === undefined ? {} : { fileSize } }) },
  })
  test.each([
    ['name-characters', { forbidden: ':' }, undefined, ['a:b']],
    ['name-characters', { reserved: ['CON'] }, undefined, ['CON']],
    ['name-length', { maxLength: 10 }, undefined, ['long-name-here']],
    ['depth', { maxDepth: 2 }, undefined, ['d/e/f']],
    ['path-length', { maxPath: 6 }, undefined, ['d/e/f/g', 'long-name-here']],
    ['file-size', {}, 49, ['big']],
  ] as const)('%s %j', async (what, naming, fileSize, refused) => {
    const given = await sides(naming, fileSize)
    const plan = await planOf(given)
    expect(findingOf(plan, what)).toMatchObject({ count: refused.length, refused: refused.length })
    const lines = plan.lines.filter(({ why }) => why.some((it) => it.startsWith(what)))
    expect(lines.map(({ from }) => from)).toEqual(refused)
    expect(lines.every((line) => line.do === 'refuse')).toBe(true)
    const migrated = await summaryOf(given)
    expect(migrated.files).toBe(plan.summary.files)
    expect(migrated.failures + migrated.blocked).toBe(plan.summary.notCarried)
  })
  test('all in a directory that is refused is refused, and named', async () => {
    const { lines } = await planOf({
      from: { drive: await memory({ 'a:b/c/d': '' }) },
      to: { drive: openMemory({ naming: { forbidden: ':' } }) },
    })
    expect(lines.map((line) => [line.do, line.why])).toEqual([
      ['refuse', ['name-characters: a name may not hold ":"']],
      ['refuse', ['inside: /a:b']],
      ['refuse', ['inside: /a:b']],
    ])
  })
  test('names are encoded or replaced where that is asked for, and then compared', async () => {
    const to = await memory({ 'a‛：b': '1' }, { naming: { forbidden: ':' } })
    const from = await memory({ 'a:b': '1', 'c:d': '' })
    const plan = await planOf({ from: { drive: from }, to: { drive: to }, names: 'encode', conflict: 'skip' })
    expect(plan.lines.map(short)).toEqual(['skip a:b a‛：b', 'copy c:d c‛：d'])
    expect(findingOf(plan, 'respelled')).toMatchObject({ count: 2, refused: 0 })
  })
  test('entries that are neither file nor directory, and names that no path can hold', async () => {
    const store = createStore()
    const from = openMemory({ store })
    plantOther(store, at('dir/link'), 'symlink')
    plantSkipped(store, at('dir'), 'a/b')
    const plan = await planOf({ from: { drive: from }, to: { drive: openMemory() } })
    expect(plan.lines.map(short)).toEqual(['mkdir dir dir', 'refuse dir/link dir/link'])
    expect(findingOf(plan, 'not-a-file')?.examples).toEqual([{ from: '/dir/link', says: 'symlink', do: 'refuse' }])
    expect(findingOf(plan, 'unnameable')?.examples).toEqual([{ from: '/dir', says: '"a/b"', do: 'none' }])
    expect(plan.summary.notCarried).toBe(2)
  })
  test('a directory that cannot be read is told, and the rest is planned', async () => {
    const from = failing(await memory({ 'a/x': '', 'b/y': '' }), 'list', (path) =>
      path === 'a' ? forbidden() : undefined,
    )
    const plan = await planOf({ from: { drive: from }, to: { drive: openMemory() } })
    expect(plan.failures).toEqual(['Forbidden'])
    expect(plan.lines.map(short)).toEqual(['mkdir a a', 'mkdir b b', 'copy b/y b/y'])
    expect(plan.summary.notCarried).toBe(1)
  })
  test('more bytes than there is room for', async () => {
    const from = await memory({ a: 'x'.repeat(100) })
    const to = await memory({ b: 'x'.repeat(50) }, { capacity: 120 })
    const { summary } = await planOf({ from: { drive: from }, to: { drive: to } })
    expect(summary.space).toEqual({ free: 70, isEnough: false })
  })
})

describe('names that are one at the destination', () => {
  const tree = { 'A.txt': '1', 'a.txt': '2', b: '', 'e\u0301': '3', '\u00e9': '4' }
  test('where it is insensitive only one of them is carried', async () => {
    const to = openMemory({ naming: { case: 'insensitive', normalisation: 'nfc' } })
    const plan = await planOf({ from: { drive: await memory(tree) }, to: { drive: to } })
    expect(plan.lines.map((line) => line.do)).toEqual(['copy', 'refuse', 'copy', 'copy', 'refuse'])
    expect(findingOf(plan, 'case')).toMatchObject({ count: 1, refused: 1 })
    expect(findingOf(plan, 'normalisation')).toMatchObject({ count: 1, refused: 1 })
    const migrated = await summaryOf({ from: { drive: await memory(tree) }, to: { drive: to }, concurrency: 1 })
    expect(migrated).toMatchObject({ files: 3, failures: 2 })
  })
  test('under rename each gets a name of its own, also apart from what stands', async () => {
    const to = await memory({ 'a.TXT': '0' }, { naming: { case: 'insensitive' } })
    const plan = await planOf({
      from: { drive: await memory({ 'A.txt': '1', 'a.txt': '2' }) },
      to: { drive: to },
      conflict: 'rename',
    })
    expect(plan.lines.map(short)).toEqual(['rename A.txt A (1).txt', 'rename a.txt a (2).txt'])
  })
  test('what stands under another spelling is never overwritten', async () => {
    const to = await memory({ 'a.TXT': '0' }, { naming: { case: 'insensitive' } })
    const from = await memory({ 'A.txt': '1' })
    const plan = await planOf({ from: { drive: from }, to: { drive: to }, conflict: 'overwrite' })
    expect(plan.lines[0]).toMatchObject({
      do: 'refuse',
      existing: { path: 'a.TXT' },
      why: ['exists-different: sha256', 'case: like "a.TXT"'],
    })
  })
  test('where nobody knows they are carried, and told', async () => {
    const to = withNaming(await memory({ B: '' }), { case: 'unknown', normalisation: 'unknown' })
    const plan = await planOf({ from: { drive: await memory(tree) }, to: { drive: to } })
    expect(plan.lines.map((line) => line.do)).toEqual(['copy', 'copy', 'copy', 'copy', 'copy'])
    expect(findingOf(plan, 'case')).toMatchObject({
      count: 2,
      refused: 0,
      examples: [
        { from: '/a.txt', says: 'like "A.txt"' },
        { from: '/b', says: 'like "B"' },
      ],
    })
    expect(findingOf(plan, 'normalisation')).toMatchObject({ count: 1, refused: 0 })
  })
  test('two directories are merged into one', async () => {
    const to = openMemory({ naming: { case: 'insensitive' } })
    const { lines } = await planOf({ from: { drive: await memory({ 'D/x': '', 'd/y': '' }) }, to: { drive: to } })
    expect(lines.map(short)).toEqual(['mkdir D D', 'copy D/x D/x', 'merge d D', 'copy d/y D/y'])
  })
  test('a sensitive destination is told nothing', async () => {
    const plan = await planOf({ from: { drive: await memory(tree) }, to: { drive: openMemory() } })
    expect(plan.summary.findings).toEqual([])
  })
})

test('times, checksums and versions that are lost, by how many entries have them', async () => {
  const from = await memory({ 'd/a': '', b: '' })
  const plain = openMemory({ checksums: ['md5'] })
  const { features, times } = plain.capabilities
  const to = withCapabilities(plain, {
    features: { ...features, etags: false },
    times: { ...times, file: { createdAt: 'vendor', modifiedAt: 'none' } },
  })
  const { summary } = await planOf({ from: { drive: from }, to: { drive: to } })
  expect(summary.losses).toEqual([
    { feature: 'checksums.given', source: 'sha256', destination: 'md5', entries: 2 },
    { feature: 'times.file.createdAt', source: 'kept', destination: 'vendor', entries: 2 },
    { feature: 'times.file.modifiedAt', source: 'kept', destination: 'none', entries: 2 },
    { feature: 'features.etags', source: 'yes', destination: 'no', entries: 2 },
  ])
})

describe('the ends', () => {
  test('a directory goes where it is to go, which is made or merged', async () => {
    const from = { drive: await memory({ 'in/a': '' }), path: at('in') }
    const made = await planOf({ from, to: { drive: openMemory(), path: at('x/out') } })
    expect(made.lines.map(short)).toEqual(['mkdir in x/out', 'copy in/a x/out/a'])
    const merged = await planOf({ from, to: { drive: await memory({ 'out/a': '' }), path: at('out') } })
    expect(merged.lines.map(short)).toEqual(['merge in out', 'refuse in/a out/a'])
  })
  test('a single file', async () => {
    const from = { drive: await memory({ 'in/a': '1' }), path: at('in/a') }
    expect((await planOf({ from, to: { drive: openMemory() } })).lines.map(short)).toEqual(['copy in/a a'])
    const to = { drive: await memory({ b: '2' }), path: at('b') }
    expect((await planOf({ from, to, conflict: 'overwrite' })).lines.map(short)).toEqual(['overwrite in/a b'])
  })
  test('a source that is missing, or holds the target, is one left', async () => {
    const drive = await memory({ 'in/a': '' })
    expect(await planOf({ from: { drive, path: at('no') }, to: { drive: openMemory() } })).toMatchObject({
      failures: ['NotFound'],
      lines: [],
    })
    const nested = await planOf({ from: { drive, path: at('in') }, to: { drive, path: at('in/b') } })
    expect(nested).toMatchObject({ failures: ['NestedTarget'], lines: [] })
  })
  test('an abort ends it', async () => {
    const signal = AbortSignal.abort()
    const { failures } = await planOf({ from: { drive: await memory({ a: '' }) }, to: { drive: openMemory() }, signal })
    expect(failures).toEqual(['Aborted'])
  })
})

test('a directory of which nothing is chosen is not planned', async () => {
  const { lines } = await planOf({
    from: { drive: await memory({ 'a/x.txt': '', 'b/y.md': '', 'a/c/z.md': '' }) },
    to: { drive: openMemory() },
    include: (entry) => (entry.kind === 'directory' ? 'if-used' : entry.name.endsWith('.md')),
  })
  expect(lines.map(short)).toEqual([
    'mkdir a a',
    'mkdir a/c a/c',
    'copy a/c/z.md a/c/z.md',
    'mkdir b b',
    'copy b/y.md b/y.md',
  ])
})

test('the same trees give the same lines, whatever the order they are listed in', async () => {
  const from = await memory({ b: '1', a: '2', 'c/d': '3' })
  const sorted = await planOf({ from: { drive: from }, to: { drive: openMemory() } })
  const shuffled: DriveProvider = {
    ...withCapabilities(from, { features: { ...from.capabilities.features, sortedList: false } }),
    list: (path, options) => async () => {
      const page = await from.list(path, options)()
      return E.isLeft(page) ? page : E.right({ ...page.right, items: [...page.right.items].reverse() })
    },
  }
  const again = await planOf({ from: { drive: shuffled }, to: { drive: openMemory() } })
  expect(again.lines.map(lineText)).toEqual(sorted.lines.map(lineText))
})

describe('the estimate', () => {
  test('requests by what is to be done, time by what is slowest', async () => {
    const from = await memory({ a: '1'.repeat(1000), 'd/b': '2' })
    const options = { from: { drive: from }, to: { drive: openMemory() } }
    const { estimate } = (await planOf({ ...options, rates: { from: 100, to: 1 } })).summary
    // A look and two pages, and two files read by two requests each; a look, one page of the root, a directory, and three requests a file.
    expect(estimate).toEqual({
      requests: { from: 7, to: 9 },
      bytes: 1001,
      rates: { from: 100, to: 1 },
      duration: 9000,
      boundBy: 'requests to the target',
    })
    const slow = (await planOf({ ...options, rates: { to: 100, bandwidth: 10 } })).summary.estimate
    expect(slow).toMatchObject({ duration: 100_100, boundBy: 'bandwidth' })
  })
  test('no time without a rate, and nothing of what sends no requests', async () => {
    const { estimate } = (
      await planOf({
        from: { drive: await memory({ a: '' }) },
        to: { drive: openMemory() },
        costs: { from: noRequests, to: noRequests },
      })
    ).summary
    expect(estimate).toEqual({ requests: { from: 0, to: 0 }, bytes: 0, rates: {} })
  })
})

test('a directory of any size is planned by way of the disk, and nothing stays there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anydrive-plan-'))
  try {
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, '']))
    const to = withNaming(openMemory(), { case: 'unknown' })
    const scratch = { limit: 50, folder }
    const { lines } = await planOf({ from: { drive: await memory(files) }, to: { drive: to }, scratch })
    expect(lines.map(({ from }) => from)).toEqual(Object.keys(files).sort())
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the destination is left as it was', async () => {
  const to = await memory({ x: '1' })
  await planOf({ from: { drive: await memory({ 'a/b': '2', x: '3' }) }, to: { drive: to }, conflict: 'overwrite' })
  expect(await contents(to)).toEqual({ x: '1' })
})
