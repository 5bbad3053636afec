// Whatever fails on the way: what is told to be done is done, what failed has changed nothing, and nothing is left lying about.
import { fromBytes, mayHaveHappened, type DriveError, type Failed } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { p, read, right, startBench, tree, write, type Bench } from './bench'
import { randomOf } from '../../core/test/random'
import type { KooDrive } from '../src'

type Model = Map<string, string>

const contents = async (drive: KooDrive): Promise<Model> => {
  const files = (await tree(drive)).filter((path) => !path.endsWith('/'))
  return new Map(await Promise.all(files.map(async (path) => [path, await read(drive, path)] as const)))
}

/** Finishes the jobs that no call waits for, so that they do not take effect during a later step. */
const finishJobs = async (): Promise<void> => {
  bench.emulator.behave({ jobLife: { kind: 'at-once' } })
  await right(bench.open().stat(p('')))
  bench.emulator.behave({ jobLife: { kind: 'polls', polls: 1, atMostMs: 3_600_000 } })
}

/** What happened may be unknown, or partial and told. */
const isOpen = (error: DriveError): boolean => mayHaveHappened(error) || error._tag === 'TaskFailed'

const steps = (drive: KooDrive, random: () => number) => {
  const pick = (): string => `${'ab'[Math.floor(random() * 2)] ?? ''}/${'xyz'[Math.floor(random() * 3)] ?? ''}`
  const conflict = random() < 0.5 ? ('ask' as const) : ('overwrite' as const)
  const only = async (
    batch: TaskEither<DriveError, { readonly outcomes: ReadonlyArray<{ readonly status: 'done' } | Failed<unknown>> }>,
  ): Promise<E.Either<DriveError, unknown>> => {
    const settled = await batch()
    if (E.isLeft(settled)) return settled
    const [outcome] = settled.right.outcomes
    return outcome?.status === 'failed' ? E.left(outcome.error) : E.right(outcome)
  }
  const [from, to] = [pick(), pick()]
  const text = String(random())
  const kinds = [
    {
      name: `write ${to} ${conflict}`,
      run: () => drive.writeFile(p(to), fromBytes(text), { conflict })(),
      apply: (model: Model) => void model.set(to, text),
    },
    {
      name: `move ${from} ${to} ${conflict}`,
      run: () => only(drive.batchMove([{ from: p(from), to: p(to), conflict }])),
      apply: (model: Model) => {
        const moved = model.get(from) ?? 'nothing'
        model.delete(from)
        model.set(to, moved)
      },
    },
    {
      name: `copy ${from} ${to} ${conflict}`,
      run: () => only(drive.batchCopy([{ from: p(from), to: p(to), conflict }])),
      apply: (model: Model) => void model.set(to, model.get(from) ?? 'nothing'),
    },
    {
      name: `remove ${from}`,
      run: () => only(drive.batchRemove([p(from)])),
      apply: (model: Model) => void model.delete(from),
    },
  ]
  return kinds[Math.floor(random() * kinds.length)] ?? kinds[0]
}

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

const seeds = process.env['ANYDRIVE_SAMPLE'] === undefined ? [1, 2] : [2]
test.each(seeds)('seed %i: each operation is whole or has not been, among faults of every kind', async (seed) => {
  const random = randomOf(seed)
  const drive = bench.open({ http: { attempts: 2 } }, { random })
  await write(drive, 'a/x')
  await write(drive, 'b/x')
  let model = await contents(bench.open())
  const seen = { done: 0, failed: 0, open: 0 }
  for (let i = 0; i < 80; i++) {
    const step = steps(drive, random)
    if (step === undefined) continue
    bench.emulator.faults.set({
      lost: 0.08,
      cut: 0.05,
      '5xx': 0.08,
      '5xx-late': 0.05,
      item: 0.08,
      put: 0.05,
      token: 0.02,
    })
    const answer = await step.run()
    bench.emulator.faults.set({})
    await finishJobs()
    const after = await contents(bench.open())
    const expected = new Map(model)
    if (E.isRight(answer)) step.apply(expected)
    const told = `${i}: ${step.name}: ${E.isRight(answer) ? 'done' : answer.left.message}`
    if (E.isLeft(answer) && isOpen(answer.left)) {
      seen.open += 1
      // Nothing is lost: what stood before is still there, under whatever name, unless it was to go.
      const texts = new Set(after.values())
      const goes = step.name.startsWith('remove') || step.name.endsWith('overwrite')
      if (!goes)
        expect({ told, lost: [...model.values()].filter((text) => !texts.has(text)) }).toEqual({ told, lost: [] })
      for (const path of after.keys())
        if (path.includes('.anydrive-')) await right(bench.open().batchRemove([p(path)], { permanent: true }))
    } else {
      seen[E.isRight(answer) ? 'done' : 'failed'] += 1
      expect({ told, after: [...after].sort() }).toEqual({ told, after: [...expected].sort() })
    }
    model = E.isLeft(answer) && isOpen(answer.left) ? await contents(bench.open()) : after
  }
  expect(seen.done).toBeGreaterThan(15)
  expect(seen.failed).toBeGreaterThan(10)
})

test('nothing is known any more of an entry whose move stopped halfway', async () => {
  const drive = bench.open()
  await write(drive, 'b/z', 'new')
  await write(drive, 'b/x', 'old')
  bench.emulator.faults.set({ item: 1 })
  const moved = await right(drive.batchMove([{ from: p('b/z'), to: p('b/x'), conflict: 'overwrite' }]))
  expect(moved.outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'TaskFailed' } }])
  bench.emulator.faults.set({})
  expect(await read(drive, 'b/x')).toBe('new')
  const copied = await right(drive.batchCopy([{ from: p('b/z'), to: p('b/y') }]))
  expect(copied.outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'NotFound' } }])
  const removed = await right(drive.batchRemove([p('b/z')]))
  expect(removed.outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'NotFound' } }])
  expect(await read(drive, 'b/x')).toBe('new')
})
