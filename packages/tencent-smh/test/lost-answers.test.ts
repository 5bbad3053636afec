// Exactly once, although answers get lost: each change is made once, or the caller is told that it is not known.
import { fromBytes, parentOf, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { at, bytesOf, left, right, startBench, type Bench } from './harness'

let bench: Bench
const emulators: Array<Bench> = []
const start = async (...args: Parameters<typeof startBench>): Promise<Bench> => {
  const made = await startBench(...args)
  emulators.push(made)
  return made
}
beforeAll(async () => {
  bench = await start()
})
afterAll(() => Promise.all(emulators.map(({ emulator }) => emulator.close())))

let scratch = 0
const fresh = async (on: Bench = bench): Promise<(name: string) => DrivePath> => {
  const dir = `scratch-${++scratch}`
  await right(on.drive.createDir(at(dir)))
  on.emulator.requests.clear()
  return (name) => at(`${dir}/${name}`)
}
const namesIn = async (dir: DrivePath, on: Bench = bench): Promise<ReadonlyArray<string>> =>
  (await right(on.drive.list(dir))).items.map(({ name }: Entry) => name).sort()
const put = (path: DrivePath, text: string, on: Bench = bench) => right(on.drive.writeFile(path, fromBytes(text)))

/** `cut`, `5xx`: nothing happened. `lost`, `5xx-late`: it did. */
const kinds = ['cut', '5xx', 'lost', '5xx-late'] as const

describe.each(kinds)('after %s', (kind) => {
  test('a directory is created once', async () => {
    const inside = await fresh()
    bench.emulator.faults.next('createDirectory', kind)
    expect(await right(bench.drive.createDir(inside('d')))).toMatchObject({ kind: 'directory', how: 'as-asked' })
    expect(await namesIn(parentOf(inside('x')))).toEqual(['d'])
  })

  test('a directory under rename, where the name is free, is never made twice', async () => {
    const inside = await fresh()
    bench.emulator.faults.next('createDirectory', kind)
    const answer = await bench.drive.createDir(inside('d'), { conflict: 'rename' })()
    const happened = kind === 'lost' || kind === '5xx-late'
    expect(E.isRight(answer) ? answer.right.path : answer.left._tag).toBe(happened ? 'Indeterminate' : inside('d'))
    expect(await namesIn(parentOf(inside('x')))).toEqual(['d'])
  })

  test('a directory under rename, where the name is taken, is never made twice', async () => {
    const inside = await fresh()
    await right(bench.drive.createDir(inside('d')))
    bench.emulator.faults.next('createDirectory', kind)
    const error = await left(bench.drive.createDir(inside('d'), { conflict: 'rename' }))
    expect(error).toMatchObject({ _tag: 'Indeterminate' })
    const happened = kind === 'lost' || kind === '5xx-late'
    expect(await namesIn(parentOf(inside('x')))).toEqual(happened ? ['d', 'd (1)'] : ['d'])
  })

  test('a copied directory stands once, and whole', async () => {
    const inside = await fresh()
    await put(inside('src/a/f.txt'), 'one')
    await put(inside('src/g.txt'), 'two')
    bench.emulator.faults.next('copyDirectory', kind)
    expect(await right(bench.drive.copyDir(inside('src'), inside('dst')))).toEqual({
      path: inside('dst'),
      how: 'as-asked',
    })
    expect(await namesIn(inside('dst'))).toEqual(['a', 'g.txt'])
    expect(await namesIn(inside('dst/a'))).toEqual(['f.txt'])
  })

  test('a directory that stood there before is a conflict, not a copy', async () => {
    const inside = await fresh()
    await put(inside('src/f.txt'), 'one')
    await put(inside('dst/other.txt'), 'two')
    bench.emulator.faults.next('copyDirectory', kind)
    const error = await left(bench.drive.copyDir(inside('src'), inside('dst')))
    expect(['NameConflict', 'Indeterminate']).toContain(error._tag)
    expect(await namesIn(inside('dst'))).toEqual(['other.txt'])
  })

  test('moved items are moved once', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await right(bench.drive.createDir(inside('d/e')))
    await put(inside('taken.txt'), 't')
    await put(inside('b.txt'), 'b')
    bench.emulator.faults.next('batchMove', kind)
    const { outcomes } = await right(
      bench.drive.batchMove([
        { from: inside('a.txt'), to: inside('x.txt') },
        { from: inside('d'), to: inside('y') },
        { from: inside('b.txt'), to: inside('taken.txt') },
        { from: inside('none'), to: inside('z') },
      ]),
    )
    expect(outcomes.map((o) => (o.status === 'done' ? o.path : o.error._tag))).toEqual([
      ...[inside('x.txt'), inside('y'), 'NameConflict', 'NotFound'],
    ])
    expect(await namesIn(parentOf(inside('x')))).toEqual(['b.txt', 'taken.txt', 'x.txt', 'y'])
  })

  test('an item moved under rename has one name, which is told or Indeterminate', async () => {
    const inside = await fresh()
    await put(inside('free.txt'), 'a')
    await put(inside('b.txt'), 'b')
    await put(inside('t/taken.txt'), 't')
    bench.emulator.faults.next('batchMove', kind)
    const { outcomes } = await right(
      bench.drive.batchMove(
        [
          { from: inside('free.txt'), to: inside('u/x.txt') },
          { from: inside('b.txt'), to: inside('t/taken.txt') },
        ],
        { conflict: 'rename' },
      ),
    )
    const told = outcomes.map((o) => (o.status === 'done' ? o.path : o.error._tag))
    const happened = kind === 'lost' || kind === '5xx-late'
    expect(told[1]).toBe(happened ? 'Indeterminate' : inside('t/taken (1).txt'))
    expect(await namesIn(inside('t'))).toEqual(['taken (1).txt', 'taken.txt'])
    expect(['Indeterminate', inside('u/x.txt')]).toContain(told[0])
  })

  test('copied items stand once', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await put(inside('d/f.txt'), 'f')
    await put(inside('taken.txt'), 't')
    bench.emulator.faults.next('batchCopy', kind)
    const { outcomes } = await right(
      bench.drive.batchCopy([
        { from: inside('a.txt'), to: inside('x.txt') },
        { from: inside('d'), to: inside('y') },
        { from: inside('a.txt'), to: inside('taken.txt') },
        { from: inside('a.txt'), to: inside('over.txt'), conflict: 'overwrite' },
      ]),
    )
    expect(outcomes.map((o) => (o.status === 'done' ? o.path : o.error._tag))).toEqual([
      ...[inside('x.txt'), inside('y'), 'NameConflict', inside('over.txt')],
    ])
  })

  test('copies under rename are never made twice', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await put(inside('b.txt'), 'b')
    bench.emulator.faults.next('batchCopy', kind)
    await bench.drive.batchCopy([{ from: inside('a.txt'), to: inside('b.txt'), conflict: 'rename' }])()
    const happened = kind === 'lost' || kind === '5xx-late'
    expect(await namesIn(parentOf(inside('x')))).toEqual(
      happened ? ['a.txt', 'b (1).txt', 'b.txt'] : ['a.txt', 'b.txt'],
    )
  })

  test('removed items are removed', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await put(inside('b.txt'), 'b')
    bench.emulator.faults.next('batchDelete', kind)
    const { outcomes } = await right(bench.drive.batchRemove([inside('a.txt'), inside('b.txt')]))
    expect(outcomes.map((o) => (o.status === 'done' ? o.how : o.error._tag))).toEqual(['trashed', 'trashed'])
    expect(await namesIn(parentOf(inside('x')))).toEqual([])
    bench.emulator.faults.clear()
  })

  test.each(['beginSimpleUpload', 'cosPut', 'confirmUpload'])('a file is written once (%s)', async (endpoint) => {
    const inside = await fresh()
    bench.emulator.faults.next(endpoint, kind)
    const written = await right(bench.drive.writeFile(inside('f.txt'), fromBytes('hello')))
    expect(written).toMatchObject({ path: inside('f.txt'), size: 5, evidence: 'vendor-checked:crc64xz' })
    expect(await namesIn(parentOf(inside('x')))).toEqual(['f.txt'])
  })

  test('a file confirmed under rename is never there twice', async () => {
    const inside = await fresh()
    await put(inside('f.txt'), 'other')
    bench.emulator.faults.next('confirmUpload', kind)
    const answer = await bench.drive.writeFile(inside('f.txt'), fromBytes('hello'), { conflict: 'rename' })()
    const happened = kind === 'lost' || kind === '5xx-late'
    if (E.isRight(answer)) expect(answer.right.path).toBe(inside('f (1).txt'))
    else expect([answer.left._tag, happened]).toEqual(['Indeterminate', true])
    expect(await namesIn(parentOf(inside('x')))).toEqual(['f (1).txt', 'f.txt'])
  })

  test('an instant upload happens once', async () => {
    const inside = await fresh()
    const bytes = bytesOf(1_500_000, scratch)
    await right(bench.drive.writeFile(inside('a'), fromBytes(bytes)))
    bench.emulator.faults.next('beginSimpleUpload', kind)
    const written = await right(bench.drive.writeFile(inside('b'), fromBytes(bytes)))
    expect(written).toMatchObject({ path: inside('b'), size: 1_500_000, evidence: 'vendor-reported:crc64xz' })
    expect(await namesIn(parentOf(inside('x')))).toEqual(['a', 'b'])
  })
})

test('a task whose 202 was lost: what is not done yet is Indeterminate, never called failed', async () => {
  const slow = await start({ behaviour: { tasks: 'async', taskMs: 10_000 } })
  const inside = await fresh(slow)
  for (const name of ['a', 'b', 'c', 'd']) await put(inside(name), name, slow)
  slow.emulator.faults.next('batchMove', 'lost')
  const moving = slow.drive.batchMove(['a', 'b', 'c', 'd'].map((n) => ({ from: inside(n), to: inside(`to-${n}`) })))
  const { outcomes } = await right(moving)
  const tags = outcomes.map((o) => (o.status === 'done' ? 'done' : o.error._tag))
  slow.clock.advance(20_000)
  const names = await namesIn(parentOf(inside('x')), slow)
  outcomes.forEach((o, i) => {
    const moved = names.includes(`to-${['a', 'b', 'c', 'd'][i] ?? ''}`)
    if (o.status === 'done') expect(moved).toBe(true)
    else expect(o.error._tag).toBe('Indeterminate')
  })
  expect(tags).not.toContain('NotFound')
})

test('a rate limit is waited out, for changes too: nothing was done', async () => {
  const inside = await fresh()
  bench.emulator.faults.next('createDirectory', '429')
  await right(bench.drive.createDir(inside('d'), { conflict: 'rename' }))
  expect(await namesIn(parentOf(inside('x')))).toEqual(['d'])
})
