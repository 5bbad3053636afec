// Sequences in order by way of the disk, which is left as it was.
import { createSorter, type Sorter } from '@anydrive/migrate'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Item {
  readonly key: string
  readonly n: number
  readonly text: string
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anydrive-sorting-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sorter = (limit: number, at = folder): Sorter<Item> =>
  createSorter<Item>({
    keyOf: ({ key }) => key,
    toLine: (item) => JSON.stringify(item),
    fromLine: (line) => JSON.parse(line) as Item,
    limit,
    folder: at,
  })

const filled = async (items: ReadonlyArray<Item>, limit: number): Promise<Sorter<Item>> => {
  const it = sorter(limit)
  for (const item of items) {
    const added = await it.add(item)
    if (added !== undefined && E.isLeft(added)) throw new Error(added.left.message)
  }
  return it
}

const all = async (it: Sorter<Item>): Promise<ReadonlyArray<Item>> => {
  const found: Array<Item> = []
  for await (const item of it.sorted()) {
    if (E.isLeft(item)) throw new Error(item.left.message)
    found.push(item.right)
  }
  return found
}

/** Files in the folder that this process holds open, whether they have a name or not. */
const heldOpen = async (): Promise<number> => {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return links.filter((link) => link.startsWith(folder)).length
}

const inOrder = (items: ReadonlyArray<Item>): ReadonlyArray<Item> =>
  [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.n - b.n))

const numbered = (count: number, text = ''): ReadonlyArray<Item> =>
  Array.from({ length: count }, (_, n) => ({ key: String((n * 7919) % 1000).padStart(4, '0'), n, text }))

test('whatever comes is told in the order of its keys, equal ones as they came, however little fits into memory', async () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom('a', 'b', '\ud83d', '😀', '\uffff', 'a\n'),
  )
  const items = fc
    .array(fc.record({ key, text: fc.string({ maxLength: 200 }) }), { maxLength: 60 })
    .map((them) => them.map((it, n) => ({ ...it, n })))
  await fc.assert(
    fc.asyncProperty(items, fc.constantFrom(1, 300, 2000, 1_000_000), async (them, limit) => {
      const it = await filled(them, limit)
      expect(await all(it)).toEqual(inOrder(them))
      await it.close()
      expect(await heldOpen()).toBe(0)
    }),
    { numRuns: 150 },
  )
})

test('lines longer than what is written or read at once stay whole', async () => {
  const them = [700_000, 3, 300_000, 262_143, 262_144].map((size, n) => ({
    key: String(9 - n),
    n,
    text: '漢'.repeat(size),
  }))
  const it = await filled(them, 1000)
  expect(await all(it)).toEqual(inOrder(them))
  await it.close()
})

test('many runs are merged, and beyond the limit nothing is held', async () => {
  const them = numbered(20_000, 'x'.repeat(50))
  const it = await filled(them, 16 * 1024)
  expect(await all(it)).toEqual(inOrder(them))
  await it.close()
})

test('nothing has a name while it is sorted, and nothing is open after an early end', async () => {
  const it = await filled(numbered(1000), 1000)
  expect([await readdir(folder), await heldOpen()]).toEqual([process.platform === 'win32' ? expect.anything() : [], 1])
  for await (const item of it.sorted()) {
    expect(item).toMatchObject({ right: { key: '0000' } })
    break
  }
  await it.close()
  await it.close()
  expect([await readdir(folder), await heldOpen()]).toEqual([[], 0])
})

test('what fits into memory needs no disk', async () => {
  const them = numbered(3000)
  const it = createSorter<Item>({
    keyOf: ({ key }) => key,
    toLine: (item) => JSON.stringify(item),
    fromLine: (line) => JSON.parse(line) as Item,
    folder: join(folder, 'missing'),
  })
  for (const item of them) await it.add(item)
  expect(await all(it)).toEqual(inOrder(them))
  await it.close()
})

test('a folder that cannot be written is a left', async () => {
  const it = sorter(1, join(folder, 'missing'))
  await it.add({ key: 'a', n: 1, text: '' })
  expect(await it.add({ key: 'b', n: 2, text: '' })).toMatchObject({
    left: { _tag: 'ScratchFailed', message: expect.stringContaining('missing') as string },
  })
  await it.close()
})

test('a disk that is full is a left that says where', () => {
  const program = `
    const { createSorter } = require(${JSON.stringify(join(__dirname, '../dist'))})
    const it = createSorter({ keyOf: String, toLine: String, fromLine: String, limit: 1000, folder: ${JSON.stringify(folder)} })
    const run = async () => {
      for (let i = 0; i < 1e6; i++) {
        const added = await it.add('x'.repeat(100) + i)
        if (added && added._tag === 'Left') return console.log(JSON.stringify([added.left._tag, i > 100]))
      }
    }
    run().then(() => it.close())`
  // No file may grow beyond 32 KiB.
  const { stdout, stderr, status } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 64; exec "$0" -e "$1"', process.execPath, program],
    {
      encoding: 'utf8',
    },
  )
  expect([stdout, stderr, status]).toEqual(['["ScratchFull",true]\n', '', 0])
})
