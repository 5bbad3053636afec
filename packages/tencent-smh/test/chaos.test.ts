// Many changes under a service that loses, cuts, delays and limits: what is told is what stands, and nothing stands twice.
import { fromBytes, type DriveError, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { buffer } from 'node:stream/consumers'
import { at, bytesOf, right, startBench, type Bench } from './harness'

const faults = 'cut=0.06,lost=0.06,5xx=0.06,5xx-late=0.06,429=0.03,put=0.1,get=0.1,token=0.03,short=0.3'
/** Passing troubles that the transport gave up on, and what no look can decide. */
const excused: ReadonlyArray<DriveError['_tag']> = ['Network', 'Unavailable', 'Indeterminate', 'RateLimited', 'Timeout']

const running: Array<Bench> = []
afterEach(() => Promise.all(running.splice(0).map(({ emulator }) => emulator.close())))

test.each([
  [1, 'sync', 'public'],
  [3, 'async', 'public'],
  [5, 'sync', 'private'],
] as const)('seed %d, %s, %s', async (seed, tasks, deployment) => {
  const bench = await startBench(
    { seed, deployment, behaviour: { tasks, taskMs: 700 } },
    { upload: { singleUpTo: 1_200_000, partSize: 1024 * 1024 } },
  )
  running.push(bench)
  const { drive, emulator } = bench
  const quiet = async <A>(look: () => Promise<A>): Promise<A> => {
    emulator.faults.clear()
    const seen = await look()
    emulator.faults.set(faults)
    return seen
  }
  const exists = (path: DrivePath) => quiet(async () => E.isRight(await drive.stat(path)()))
  const outcomes = { told: 0, excused: 0 }
  const judge = async (answer: E.Either<DriveError, unknown>, holds: () => Promise<void>) => {
    if (E.isLeft(answer)) {
      expect(excused).toContain(answer.left._tag)
      outcomes.excused++
    } else {
      await holds()
      outcomes.told++
    }
  }
  emulator.faults.set(faults)
  for (let round = 0; round < 8; round++) {
    const inside = (name: string) => at(`r${round}/${name}`)
    const content = bytesOf(round % 4 === 0 ? 2_300_000 : 20_000, seed * 100 + round)
    const write = (name: string) => drive.writeFile(inside(name), fromBytes(content))()
    await judge(await write('a/f'), async () => {
      const read = await drive.readFile(inside('a/f'))()
      if (E.isRight(read)) {
        const bytes = await buffer(read.right.stream).catch(() => undefined)
        if (bytes !== undefined) expect(bytes.equals(content)).toBe(true)
      }
    })
    if (!(await exists(inside('a/f')))) await quiet(() => write('a/f'))
    await judge(await drive.createDir(inside('d/e'))(), async () => expect(await exists(inside('d/e'))).toBe(true))
    await judge(await drive.copyDir(inside('a'), inside('b'))(), async () =>
      expect(await exists(inside('b/f'))).toBe(await exists(inside('a/f'))),
    )
    const moved = await drive.batchMove([
      { from: inside('b'), to: inside('c') },
      { from: inside('d/e'), to: inside('g/h/e') },
    ])()
    await judge(moved, async () => {
      if (E.isLeft(moved)) return
      for (const outcome of moved.right.outcomes)
        if (outcome.status === 'done')
          expect([await exists(outcome.item.from), await exists(outcome.path)]).toEqual([false, true])
    })
    const copied = await drive.batchCopy([{ from: inside('a/f'), to: inside('a/f2') }])()
    await judge(copied, async () => {
      if (E.isLeft(copied)) return
      for (const outcome of copied.right.outcomes)
        if (outcome.status === 'done') expect(await exists(outcome.path)).toBe(true)
    })
    const removed = await drive.batchRemove([inside('a/f2'), inside('c')])()
    await judge(removed, async () => {
      if (E.isLeft(removed)) return
      for (const outcome of removed.right.outcomes)
        if (outcome.status === 'done') expect([outcome.how, await exists(outcome.path)]).toEqual(['trashed', false])
    })
    await quiet(async () => {
      bench.clock.advance(5000)
      const numbered: Array<string> = []
      const walk = async (dir: DrivePath): Promise<void> => {
        const page = await drive.list(dir)()
        for (const entry of E.isRight(page) ? page.right.items : []) {
          if (/ \(\d+\)/.test(entry.name) || entry.name.includes('.anydrive-')) numbered.push(entry.path)
          if (entry.kind === 'directory') await walk(entry.path)
        }
      }
      await walk(at(`r${round}`))
      expect(numbered).toEqual([])
    })
  }
  expect(outcomes.told).toBeGreaterThan(outcomes.excused)
  await right(drive.stat(at('/')))
})
