// Each strategy × operation × what exists at the target: the heart of the contract, as a table of laws.
import {
  fromBytes,
  has,
  type ConflictStrategy,
  type Feature,
  type Operation,
  type Placed,
  type Result,
} from '@anydrive/core'
import type { Harness, Law } from '../law'
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
  readonly run: (harness: Harness, conflict: ConflictStrategy) => Result<Placed>
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
    run: (harness, conflict) => placing.copyDir(harness, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'copyDir',
    operation: 'batchCopy',
    title: 'batchCopy of a directory',
    needs: ['operations.batchCopy', 'features.copyDirInBatch'],
    kind: 'directory',
    keeps: true,
    sourceless: false,
    run: (harness, conflict) => placing.copy(harness, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'copyFile',
    operation: 'batchCopy',
    title: 'batchCopy of a file',
    needs: ['operations.batchCopy'],
    kind: 'file',
    keeps: true,
    sourceless: false,
    run: (harness, conflict) => placing.copy(harness, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'moveDir',
    operation: 'batchMove',
    title: 'batchMove of a directory',
    needs: ['operations.batchMove'],
    kind: 'directory',
    keeps: false,
    sourceless: false,
    run: (harness, conflict) => placing.move(harness, 'from/source', 'to/name.d', conflict),
  },
  {
    row: 'moveFile',
    operation: 'batchMove',
    title: 'batchMove of a file',
    needs: ['operations.batchMove'],
    kind: 'file',
    keeps: false,
    sourceless: false,
    run: (harness, conflict) => placing.move(harness, 'from/source', 'to/name.d', conflict),
  },
]

const prepare = async (harness: Harness, verb: Verb, target: Target): Promise<void> => {
  await harness.makeDir('from')
  await harness.makeDir('to')
  if (!verb.sourceless && verb.kind === 'file') await harness.makeFile('from/source', 'new')
  if (!verb.sourceless && verb.kind === 'directory') await harness.makeFile('from/source/inner', 'new')
  if (target === 'a file') await harness.makeFile('to/name.d', 'old')
  if (target === 'a directory') await harness.makeFile('to/name.d/kept', 'old')
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

const expectTree = async (harness: Harness, ...parts: ReadonlyArray<ReadonlyArray<string>>): Promise<void> => {
  harness.same(await harness.tree(), [...new Set(parts.flat())].sort(), 'the tree afterwards')
}
const newContent = async (harness: Harness, verb: Verb, placed: Placed): Promise<void> => {
  const file =
    verb.kind === 'file'
      ? placed.path
      : verb.sourceless
        ? undefined
        : harness.at(`to/${placed.path.slice(harness.at('to').length + 1)}/inner`)
  if (file !== undefined) harness.same(await harness.textOf(file), 'new', 'the content')
}

const check =
  (verb: Verb, conflict: ConflictStrategy, target: Target) =>
  async (harness: Harness): Promise<void> => {
    await prepare(harness, verb, target)
    const asked = harness.at('to/name.d')
    const replaces = conflict === 'overwrite' && verb.kind === 'file' && target === 'a file'
    if (target === 'nothing' || replaces) {
      const placed = await harness.right(verb.run(harness, conflict))
      harness.same([placed.path, placed.how], [asked, 'as-asked'], 'where and how')
      if (placed.replaced !== undefined) harness.same(placed.replaced, replaces, 'replaced')
      await expectTree(harness, sourceTree(verb, verb.keeps), ['to/'], placedTree(verb, 'name.d'))
      await newContent(harness, verb, placed)
      return
    }
    if (conflict === 'rename') {
      const placed = await harness.right(verb.run(harness, conflict))
      checkRenamed(harness, placed, asked)
      const name = placed.path.slice(harness.at('to').length + 1)
      await expectTree(harness, sourceTree(verb, verb.keeps), targetTree(target), placedTree(verb, name))
      await newContent(harness, verb, placed)
    } else {
      const error = await harness.left(verb.run(harness, conflict), 'NameConflict')
      harness.same(error.path, asked, 'the path that the error names')
      await expectTree(harness, sourceTree(verb, true), targetTree(target))
    }
    if (target === 'a file') harness.same(await harness.textOf(asked), 'old', 'what existed there')
  }

/** Not declared: nothing is done, and the feature is named. */
const refusal =
  (verb: Verb, conflict: ConflictStrategy, target: Target) =>
  async (harness: Harness): Promise<void> => {
    await prepare(harness, verb, target)
    const { capabilities } = harness.drive
    // A vendor that copies files alone may tell a directory as the wrong kind.
    const inBatch = verb.operation === 'batchCopy' && verb.kind === 'directory' && capabilities.operations.batchCopy
    const error = await harness.left(
      verb.run(harness, conflict),
      'Unsupported',
      ...(inBatch ? ['WrongKind' as const] : []),
    )
    if (error._tag === 'Unsupported')
      harness.same(
        has(capabilities, error.feature),
        false,
        `whether ${error.feature}, which the error names, is declared`,
      )
    await expectTree(harness, sourceTree(verb, true), targetTree(target))
  }

const outcome = (verb: Verb, conflict: ConflictStrategy, target: Target): string => {
  if (target === 'nothing') return 'places it as asked'
  if (conflict === 'rename') return 'places it under a free name and leaves what exists there'
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
