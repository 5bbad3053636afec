// Each strategy × operation × what stands at the target: the heart of the contract, as a table of laws.
import {
  fromBytes,
  has,
  type ConflictStrategy,
  type Feature,
  type Operation,
  type Placed,
  type Result,
} from '@anydrive/core'
import type { Bench, Law } from '../law'
import { checkRenamed, placing, strategies } from '../words'

type Target = 'nothing' | 'a file' | 'a directory'
type Row = 'createDir' | 'copyDir' | 'moveDir' | 'moveFile' | 'copyFile' | 'writeFile'

interface Verb {
  readonly row: Row
  readonly operation: Operation
  readonly title: string
  readonly needs: ReadonlyArray<Feature>
  readonly kind: 'file' | 'directory'
  /** The source stays (or there is none). */
  readonly keeps: boolean
  readonly sourceless: boolean
  readonly run: (bench: Bench, conflict: ConflictStrategy) => Result<Placed>
}

const verbs: ReadonlyArray<Verb> = [
  {
    row: 'createDir',
    operation: 'createDir',
    title: 'createDir',
    needs: [],
    kind: 'directory',
    keeps: true,
    sourceless: true,
    run: ({ drive, at }, conflict) => drive.createDir(at('to/name.d'), { conflict }),
  },
  {
    row: 'writeFile',
    operation: 'writeFile',
    title: 'writeFile',
    needs: [],
    kind: 'file',
    keeps: true,
    sourceless: true,
    run: ({ drive, at }, conflict) => drive.writeFile(at('to/name.d'), fromBytes('new'), { conflict }),
  },
  {
    row: 'copyDir',
    operation: 'copyDir',
    title: 'copyDir',
    needs: ['operations.copyDir'],
    kind: 'directory',
    keeps: true,
    sourceless: false,
    run: (bench, conflict) => placing.copyDir(bench, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'copyDir',
    operation: 'batchCopy',
    title: 'batchCopy of a directory',
    needs: ['operations.batchCopy', 'features.copyDirInBatch'],
    kind: 'directory',
    keeps: true,
    sourceless: false,
    run: (bench, conflict) => placing.copy(bench, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'copyFile',
    operation: 'batchCopy',
    title: 'batchCopy of a file',
    needs: ['operations.batchCopy'],
    kind: 'file',
    keeps: true,
    sourceless: false,
    run: (bench, conflict) => placing.copy(bench, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'moveDir',
    operation: 'batchMove',
    title: 'batchMove of a directory',
    needs: ['operations.batchMove'],
    kind: 'directory',
    keeps: false,
    sourceless: false,
    run: (bench, conflict) => placing.move(bench, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'moveFile',
    operation: 'batchMove',
    title: 'batchMove of a file',
    needs: ['operations.batchMove'],
    kind: 'file',
    keeps: false,
    sourceless: false,
    run: (bench, conflict) => placing.move(bench, 'from/source', 'to/name.d', conflict),
  },
]

const prepare = async (bench: Bench, verb: Verb, target: Target): Promise<void> => {
  await bench.makeDir('from')
  await bench.makeDir('to')
  if (!verb.sourceless && verb.kind === 'file') await bench.makeFile('from/source', 'new')
  if (!verb.sourceless && verb.kind === 'directory') await bench.makeFile('from/source/inner', 'new')
  if (target === 'a file') await bench.makeFile('to/name.d', 'old')
  if (target === 'a directory') await bench.makeFile('to/name.d/kept', 'old')
}

const sourceTree = (verb: Verb, keeps: boolean): ReadonlyArray<string> => {
  if (verb.sourceless || !keeps) return ['from/']
  return verb.kind === 'file' ? ['from/', 'from/source'] : ['from/', 'from/source/', 'from/source/inner']
}
const targetTree = (target: Target): ReadonlyArray<string> => {
  if (target === 'nothing') return ['to/']
  return target === 'a file' ? ['to/', 'to/name.d'] : ['to/', 'to/name.d/', 'to/name.d/kept']
}
const placedTree = (verb: Verb, name: string): ReadonlyArray<string> => {
  if (verb.kind === 'file') return [`to/${name}`]
  return verb.sourceless ? [`to/${name}/`] : [`to/${name}/`, `to/${name}/inner`]
}

const expectTree = async (bench: Bench, ...parts: ReadonlyArray<ReadonlyArray<string>>): Promise<void> => {
  bench.same(await bench.tree(), [...new Set(parts.flat())].sort(), 'the tree afterwards')
}
const newContent = async (bench: Bench, verb: Verb, placed: Placed): Promise<void> => {
  const file =
    verb.kind === 'file'
      ? placed.path
      : verb.sourceless
        ? undefined
        : bench.at(`to/${placed.path.slice(bench.at('to').length + 1)}/inner`)
  if (file !== undefined) bench.same(await bench.textOf(file), 'new', 'the content')
}

const check =
  (verb: Verb, conflict: ConflictStrategy, target: Target) =>
  async (bench: Bench): Promise<void> => {
    await prepare(bench, verb, target)
    const asked = bench.at('to/name.d')
    const replaces = conflict === 'overwrite' && verb.kind === 'file' && target === 'a file'
    if (target === 'nothing' || replaces) {
      const placed = await bench.right(verb.run(bench, conflict))
      bench.same([placed.path, placed.how], [asked, 'as-asked'], 'where and how')
      if (placed.replaced !== undefined) bench.same(placed.replaced, replaces, 'replaced')
      await expectTree(bench, sourceTree(verb, verb.keeps), ['to/'], placedTree(verb, 'name.d'))
      await newContent(bench, verb, placed)
      return
    }
    if (conflict === 'rename') {
      const placed = await bench.right(verb.run(bench, conflict))
      checkRenamed(bench, placed, asked)
      const name = placed.path.slice(bench.at('to').length + 1)
      await expectTree(bench, sourceTree(verb, verb.keeps), targetTree(target), placedTree(verb, name))
      await newContent(bench, verb, placed)
    } else {
      const error = await bench.left(verb.run(bench, conflict), 'NameConflict')
      bench.same(error.path, asked, 'the path that the error names')
      await expectTree(bench, sourceTree(verb, true), targetTree(target))
    }
    if (target === 'a file') bench.same(await bench.textOf(asked), 'old', 'what stood there')
  }

/** Not declared: nothing is done, and the feature is named. */
const refusal =
  (verb: Verb, conflict: ConflictStrategy, target: Target) =>
  async (bench: Bench): Promise<void> => {
    await prepare(bench, verb, target)
    const { capabilities } = bench.drive
    // A vendor that copies files alone may tell a directory as the wrong kind.
    const inBatch = verb.operation === 'batchCopy' && verb.kind === 'directory' && capabilities.operations.batchCopy
    const error = await bench.left(verb.run(bench, conflict), 'Unsupported', ...(inBatch ? ['WrongKind' as const] : []))
    if (error._tag === 'Unsupported')
      bench.same(
        has(capabilities, error.feature),
        false,
        `whether ${error.feature}, which the error names, is declared`,
      )
    await expectTree(bench, sourceTree(verb, true), targetTree(target))
  }

const outcome = (verb: Verb, conflict: ConflictStrategy, target: Target): string => {
  if (target === 'nothing') return 'places it as asked'
  if (conflict === 'rename') return 'places it under a free name and leaves what stands there'
  if (conflict === 'overwrite' && verb.kind === 'file' && target === 'a file') return 'replaces the file'
  return 'is NameConflict, and nothing changes'
}

export const matrixLaws: ReadonlyArray<Law> = verbs.flatMap((verb) =>
  strategies.flatMap((conflict) =>
    (['nothing', 'a file', 'a directory'] as const).map((target): Law => ({
      name: `${verb.title} under ${conflict} onto ${target} ${outcome(verb, conflict, target)}`,
      operation: verb.operation,
      promise: '2.3 Placing',
      needs: [...verb.needs, `conflict.${verb.row}.${conflict}`],
      check: check(verb, conflict, target),
      otherwise: refusal(verb, conflict, target),
    })),
  ),
)
