// Laws of many clients that want one name at the same time.
import {
  fromBytes,
  type Capabilities,
  type ConflictStrategy,
  type Feature,
  type Operation,
  type Placed,
  type Result,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
import { checkNothingLeft, placing } from '../words'

interface Rival {
  readonly row: keyof Capabilities['conflict']
  readonly operation: Operation
  readonly title: string
  readonly needs: ReadonlyArray<Feature>
  readonly kind: 'file' | 'directory'
  readonly sourceless: boolean
  readonly moves: boolean
  readonly run: (harness: Harness, n: number, conflict: ConflictStrategy) => Result<Placed>
}

const source = (n: number): string => `from/${n}`
const target = 'to/x'
const contentOf = (n: number): string => `content ${n}`.repeat(50)

const rivals: ReadonlyArray<Rival> = [
  {
    ...{ row: 'createDir', operation: 'createDir', title: 'creators of one directory', needs: [], kind: 'directory' },
    ...{ sourceless: true, moves: false },
    run: ({ drive, at }, _, conflict) => drive.createDir(at(target), { conflict }),
  },
  {
    ...{ row: 'writeFile', operation: 'writeFile', title: 'writers of one file', needs: [], kind: 'file' },
    ...{ sourceless: true, moves: false },
    run: ({ drive, at }, n, conflict) => drive.writeFile(at(target), fromBytes(contentOf(n)), { conflict }),
  },
  {
    ...{ row: 'copyDir', operation: 'copyDir', title: 'copies of directories to one name', kind: 'directory' },
    ...{ needs: ['operations.copyDir'], sourceless: false, moves: false },
    run: (harness, n, conflict) => placing.copyDir(harness, source(n), target, conflict),
  },
  {
    ...{ row: 'moveFile', operation: 'batchMove', title: 'moves of files to one name', kind: 'file' },
    ...{ needs: ['operations.batchMove'], sourceless: false, moves: true },
    run: (harness, n, conflict) => placing.move(harness, source(n), target, conflict),
  },
  {
    ...{ row: 'moveDir', operation: 'batchMove', title: 'moves of directories to one name', kind: 'directory' },
    ...{ needs: ['operations.batchMove'], sourceless: false, moves: true },
    run: (harness, n, conflict) => placing.move(harness, source(n), target, conflict),
  },
  {
    ...{ row: 'copyFile', operation: 'batchCopy', title: 'copies of files to one name', kind: 'file' },
    ...{ needs: ['operations.batchCopy'], sourceless: false, moves: false },
    run: (harness, n, conflict) => placing.copy(harness, source(n), target, conflict),
  },
]

const numbers = [0, 1, 2, 3]

const prepare = async (harness: Harness, { sourceless, kind }: Rival): Promise<void> => {
  await harness.makeDir('to')
  if (sourceless) return
  for (const n of numbers) await harness.makeFile(kind === 'file' ? source(n) : `${source(n)}/inner`, contentOf(n))
}

type Answers = ReadonlyArray<E.Either<{ readonly _tag: string }, Placed>>

/** Each through a provider object of its own, as clients that know nothing of each other. */
const race = async (harness: Harness, rival: Rival, conflict: ConflictStrategy): Promise<Answers> => {
  const clients = await Promise.all(
    numbers.map(async (): Promise<Harness> => ({ ...harness, drive: await harness.again() })),
  )
  return Promise.all(clients.map((client, n) => rival.run(client, n, conflict)()))
}

const tagsOf = (answers: Answers): ReadonlyArray<string> => answers.map((a) => (E.isLeft(a) ? a.left._tag : 'done'))

/** Sources of what was moved are gone; all others stand. */
const checkSources = async (harness: Harness, { sourceless, kind, moves }: Rival, answers: Answers): Promise<void> => {
  if (sourceless) return
  const standing = numbers.filter((n) => !moves || E.isLeft(answers[n] ?? E.left(undefined)))
  const expected = standing.flatMap((n) => (kind === 'file' ? [`${n}`] : [`${n}/`, `${n}/inner`]))
  harness.same(await harness.tree(harness.at('from')), expected, `the sources after ${tagsOf(answers).join(', ')}`)
}

const contentAt = (
  harness: Harness,
  { kind, sourceless }: Rival,
  path: Placed['path'],
): Promise<string> | undefined => {
  if (kind === 'file') return harness.textOf(path)
  return sourceless ? undefined : harness.textOf(harness.at(`to/${path.slice(harness.at('to').length + 1)}/inner`))
}

const checkLosers = (harness: Harness, native: boolean, answers: Answers): void => {
  // `Unavailable`: the name is held by something that nobody can see yet; `TaskFailed`: a lost race was undone.
  const allowed = ['done', 'NameConflict', 'Unavailable', ...(native ? [] : ['TaskFailed'])]
  for (const tag of tagsOf(answers))
    harness.holds(
      allowed.includes(tag),
      `NameConflict was promised to those who lose, got ${tagsOf(answers).join(', ')}`,
    )
}

const oneWins = (rival: Rival) => async (harness: Harness) => {
  await prepare(harness, rival)
  const answers = await race(harness, rival, 'ask')
  const native = harness.drive.capabilities.conflict[rival.row].ask.support === 'native'
  const winners = numbers.filter((n) => E.isRight(answers[n] ?? E.left(undefined)))
  const [winner] = winners
  harness.holds(
    winners.length === 1 || (!native && winners.length === 0),
    `${native ? 'exactly' : 'at most'} one winner was promised, got ${tagsOf(answers).join(', ')}`,
  )
  checkLosers(harness, native, answers)
  await checkSources(harness, rival, answers)
  const names = (await harness.entriesOf(harness.at('to'))).map(({ name }) => name)
  harness.same(names, winner === undefined ? [] : ['x'], 'what exists at the target')
  const content = winner === undefined ? undefined : await contentAt(harness, rival, harness.at(target))
  if (winner !== undefined && content !== undefined) harness.same(content, contentOf(winner), 'the content')
  await checkNothingLeft(harness)
}

const allStand = (rival: Rival) => async (harness: Harness) => {
  await prepare(harness, rival)
  const answers = await race(harness, rival, 'rename')
  harness.same(tagsOf(answers), ['done', 'done', 'done', 'done'], 'the answers')
  const paths = answers.flatMap((a) => (E.isRight(a) ? [a.right.path] : []))
  const standing = (await harness.entriesOf(harness.at('to'))).map(({ path }) => path)
  harness.same([...paths].sort(), [...standing].sort(), 'what exists at the reported names')
  for (const [n, path] of paths.entries()) {
    const content = await contentAt(harness, rival, path)
    if (content !== undefined) harness.same(content, contentOf(n), `the content of ${path}`)
  }
  await checkSources(harness, rival, answers)
  await checkNothingLeft(harness)
}

const oneIsWhole = (rival: Rival) => async (harness: Harness) => {
  await prepare(harness, rival)
  await harness.makeFile(target, 'old')
  const answers = await race(harness, rival, 'overwrite')
  const { support } = harness.drive.capabilities.conflict[rival.row].overwrite
  if (support === 'emulated-open') harness.notApplicable('a race stays open, as declared')
  checkLosers(harness, support === 'native', answers)
  const done = numbers.filter((n) => E.isRight(answers[n] ?? E.left(undefined)))
  if (support === 'native') harness.same(done.length, numbers.length, 'how many were done')
  const allowed = done.length > 0 ? done.map(contentOf) : ['old']
  harness.holds(
    allowed.includes(await harness.textOf(harness.at(target))),
    'the content is of none that was reported as done',
  )
  // One that failed half-way has said so, and what it left.
  if (tagsOf(answers).includes('TaskFailed')) return
  const standing = await harness.tree(harness.at('to'))
  harness.same(standing, ['x'], `what exists at the target after ${tagsOf(answers).join(', ')}`)
  await checkSources(harness, rival, answers)
  await checkNothingLeft(harness)
}

const law = (rival: Rival, conflict: ConflictStrategy, name: string, check: Law['check']): Law => ({
  name: `of many ${rival.title} under ${conflict} ${name}`,
  operation: rival.operation,
  promise: '2.3 Placing',
  needs: [...rival.needs, `conflict.${rival.row}.${conflict}`],
  check,
})

export const concurrencyLaws: ReadonlyArray<Law> = rivals.flatMap((rival) => [
  law(rival, 'ask', 'one wins (at most one where that is composed), and the others leave nothing', oneWins(rival)),
  law(rival, 'rename', 'every one has a name of its own', allStand(rival)),
  ...(rival.kind === 'file'
    ? [law(rival, 'overwrite', 'one exists whole, and nothing remains that was not reported', oneIsWhole(rival))]
    : []),
])
