// Responses that are lost: a change is made once, and what is not proved is Indeterminate with what was found.
import { fromBytes, parentOf, type BatchSettled, type DriveError, type DrivePath, type Entry } from '@anydrive/core'
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

/** What an answer states: the path, or the error, with what it says is likely. */
const stated = (answer: E.Either<DriveError, { readonly path: DrivePath }>): string => {
  if (E.isRight(answer)) return answer.right.path
  const likely = 'likely' in answer.left ? answer.left.likely : undefined
  return likely === undefined ? answer.left._tag : `${answer.left._tag}: ${likely}`
}
const ofItems = <I, A extends { readonly path: DrivePath }>({ outcomes }: BatchSettled<I, A>): ReadonlyArray<string> =>
  outcomes.map((o) => stated(o.status === 'done' ? E.right(o) : E.left(o.error)))

/** `cut`, `5xx`: nothing happened. `lost`, `5xx-late`: it did. */
const kinds = ['cut', '5xx', 'lost', '5xx-late'] as const

describe.each(kinds)('after %s', (kind) => {
  const happened = kind === 'lost' || kind === '5xx-late'
  /** Of a change that may be repeated. */
  const unlessProved = (path: string) => (happened ? 'Indeterminate: done' : path)

  test('a directory is created once', async () => {
    const inside = await fresh()
    bench.emulator.faults.next('createDirectory', kind)
    expect(stated(await bench.drive.createDir(inside('d'))())).toBe(unlessProved(inside('d')))
    expect(await namesIn(parentOf(inside('x')))).toEqual(['d'])
  })

  test('a directory that existed before is a conflict', async () => {
    const inside = await fresh()
    await right(bench.drive.createDir(inside('d')))
    bench.clock.advance(5000)
    bench.emulator.faults.next('createDirectory', kind)
    expect(await left(bench.drive.createDir(inside('d')))).toMatchObject({
      ...{ _tag: 'NameConflict', existing: { kind: 'directory', path: inside('d') } },
    })
  })

  test.each(['free', 'taken'])('a directory under rename, whose name is %s, is never requested again', async (name) => {
    const inside = await fresh()
    await right(bench.drive.createDir(inside('taken')))
    bench.counted()
    bench.emulator.faults.next('createDirectory', kind)
    const error = await left(bench.drive.createDir(inside(name), { conflict: 'rename' }))
    expect(error).toMatchObject({ _tag: 'Indeterminate' })
    expect(bench.counted()).toMatchObject({ createDirectory: 1 })
    const names = new Set(['taken', ...(happened ? [name === 'free' ? 'free' : 'taken (1)'] : [])])
    expect(await namesIn(parentOf(inside('x')))).toEqual([...names].sort())
    if (!happened && name === 'free') expect(error).toMatchObject({ likely: 'not-done' })
    if (name === 'taken') expect(error).toMatchObject({ found: { path: inside('taken') } })
  })

  test('a copied directory exists once, and completely', async () => {
    const inside = await fresh()
    await put(inside('src/a/f.txt'), 'one')
    await put(inside('src/g.txt'), 'two')
    bench.emulator.faults.next('copyDirectory', kind)
    expect(stated(await bench.drive.copyDir(inside('src'), inside('dst'))())).toBe(unlessProved(inside('dst')))
    expect(await namesIn(inside('dst'))).toEqual(['a', 'g.txt'])
    expect(await namesIn(inside('dst/a'))).toEqual(['f.txt'])
  })

  test.each(['ask', 'rename'] as const)('a directory that existed before is no copy, under %s', async (conflict) => {
    const inside = await fresh()
    await put(inside('dst/f.txt'), 'one')
    bench.clock.advance(5000)
    await put(inside('src/f.txt'), 'one')
    bench.counted()
    bench.emulator.faults.next('copyDirectory', kind)
    const error = await left(bench.drive.copyDir(inside('src'), inside('dst'), { conflict }))
    expect(error._tag).toBe(conflict === 'ask' ? 'NameConflict' : 'Indeterminate')
    expect(bench.counted()).toMatchObject({ copyDirectory: 1 })
  })

  test('moved items are moved once; what was there before is not claimed', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await right(bench.drive.createDir(inside('d/e')))
    await put(inside('taken.txt'), 't')
    await put(inside('b.txt'), 'b')
    bench.emulator.faults.next('batchMove', kind)
    const moved = await right(
      bench.drive.batchMove([
        { from: inside('a.txt'), to: inside('x.txt') },
        { from: inside('d'), to: inside('y') },
        { from: inside('b.txt'), to: inside('taken.txt') },
        { from: inside('none'), to: inside('z') },
      ]),
    )
    expect(ofItems(moved)).toEqual([
      ...[unlessProved(inside('x.txt')), unlessProved(inside('y')), 'NameConflict', 'NotFound'],
    ])
    expect(await namesIn(parentOf(inside('x')))).toEqual(['b.txt', 'taken.txt', 'x.txt', 'y'])
  })

  test('an item without a source is not claimed because its target exists', async () => {
    const inside = await fresh()
    await put(inside('b'), 'b')
    bench.emulator.faults.next('batchMove', kind)
    const [outcome] = (await right(bench.drive.batchMove([{ from: inside('nothere'), to: inside('b') }]))).outcomes
    expect(outcome).toMatchObject({ status: 'failed' })
    bench.emulator.faults.next('batchCopy', kind)
    const [copied] = (await right(bench.drive.batchCopy([{ from: inside('nothere'), to: inside('b') }]))).outcomes
    expect(copied).toMatchObject({ status: 'failed' })
  })

  test('items under rename are never requested again', async () => {
    const inside = await fresh()
    await put(inside('free.txt'), 'a')
    await put(inside('b.txt'), 'b')
    await put(inside('t/taken.txt'), 't')
    await right(bench.drive.createDir(inside('u')))
    const items = [
      { from: inside('free.txt'), to: inside('u/x.txt') },
      { from: inside('b.txt'), to: inside('t/taken.txt') },
    ]
    for (const operation of ['batchCopy', 'batchMove'] as const) {
      bench.counted()
      bench.emulator.faults.next(operation, kind)
      const outcome = await right(bench.drive[operation](items, { conflict: 'rename' }))
      expect(ofItems(outcome).map((text) => text.split(':')[0])).toEqual(['Indeterminate', 'Indeterminate'])
      expect(bench.counted()).toMatchObject({ [operation]: 1 })
    }
    const copies = happened ? ['taken (1).txt', 'taken (2).txt', 'taken.txt'] : ['taken.txt']
    expect(await namesIn(inside('t'))).toEqual(copies)
  })

  test('copied items exist once; each says what is known of it', async () => {
    const inside = await fresh()
    await put(inside('taken.txt'), 'a')
    await put(inside('other.txt'), 'other')
    bench.clock.advance(5000)
    await put(inside('a.txt'), 'a')
    await put(inside('d/f.txt'), 'f')
    bench.emulator.faults.next('batchCopy', kind)
    const copied = await right(
      bench.drive.batchCopy([
        { from: inside('a.txt'), to: inside('x.txt') },
        { from: inside('d'), to: inside('y') },
        { from: inside('a.txt'), to: inside('taken.txt') },
        { from: inside('a.txt'), to: inside('other.txt'), conflict: 'overwrite' },
      ]),
    )
    expect(ofItems(copied)).toEqual([
      ...[unlessProved(inside('x.txt')), unlessProved(inside('y')), 'NameConflict', unlessProved(inside('other.txt'))],
    ])
    expect(await namesIn(parentOf(inside('x')))).toEqual(['a.txt', 'd', 'other.txt', 'taken.txt', 'x.txt', 'y'])
  })

  test('removed items are removed', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await put(inside('b.txt'), 'b')
    bench.emulator.faults.next('batchDelete', kind)
    const removed = await right(bench.drive.batchRemove([inside('a.txt'), inside('b.txt')]))
    expect(ofItems(removed)).toEqual([unlessProved(inside('a.txt')), unlessProved(inside('b.txt'))])
    expect(await namesIn(parentOf(inside('x')))).toEqual([])
    bench.emulator.faults.clear()
  })

  test('what was seen before it went is removed', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    bench.emulator.faults.next('batchDelete', 'cut')
    bench.emulator.faults.next('batchDelete', kind)
    const removed = await right(bench.drive.batchRemove([inside('a.txt')]))
    expect(removed.outcomes).toMatchObject([{ status: 'done', how: 'trashed' }])
    bench.emulator.faults.clear()
  })

  test('an entry that was seen at the source before it was moved is moved', async () => {
    const inside = await fresh()
    await put(inside('a.txt'), 'a')
    await right(bench.drive.createDir(inside('d/e')))
    bench.emulator.faults.next('batchMove', 'cut')
    bench.emulator.faults.next('batchMove', kind)
    const moved = await right(
      bench.drive.batchMove([
        { from: inside('a.txt'), to: inside('x.txt') },
        { from: inside('d'), to: inside('y') },
      ]),
    )
    expect(ofItems(moved)).toEqual([inside('x.txt'), inside('y')])
    bench.emulator.faults.clear()
  })

  test.each(['beginSimpleUpload', 'cosPut', 'confirmUpload'])('a file is written once (%s)', async (endpoint) => {
    const inside = await fresh()
    bench.emulator.faults.next(endpoint, kind)
    const written = await right(bench.drive.writeFile(inside('f.txt'), fromBytes('hello')))
    expect(written).toMatchObject({ path: inside('f.txt'), size: 5, evidence: 'vendor-checked:crc64xz' })
    expect(await namesIn(parentOf(inside('x')))).toEqual(['f.txt'])
  })

  test.each(['other', 'hello'])('a file under rename is confirmed once, beside one that holds %s', async (text) => {
    const inside = await fresh()
    await put(inside('f.txt'), text)
    bench.counted()
    bench.emulator.faults.next('confirmUpload', kind)
    const answer = await bench.drive.writeFile(inside('f.txt'), fromBytes('hello'), { conflict: 'rename' })()
    expect(stated(answer)).toBe(`Indeterminate: ${happened ? 'done' : 'not-done'}`)
    expect(bench.counted()).toMatchObject({ confirmUpload: 1 })
    expect(await namesIn(parentOf(inside('x')))).toEqual(happened ? ['f (1).txt', 'f.txt'] : ['f.txt'])
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
