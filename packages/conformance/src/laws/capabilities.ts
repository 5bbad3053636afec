// Laws of what a drive declares: it is data, it is the same for every client, and what it lacks is refused.
import {
  child,
  fromBytes,
  root,
  type DrivePath,
  type DriveProvider,
  type Result,
  type UploadSource,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Bench, Law } from '../law'
import { words } from '../words'

const law = (name: string, check: Law['check'], needs: Law['needs'] = []): Law => ({
  name,
  operation: 'capabilities',
  promise: '6 Capabilities',
  needs,
  check,
})

const verbs: ReadonlyArray<keyof DriveProvider> = [
  'stat',
  'list',
  'createDir',
  'copyDir',
  'batchMove',
  'batchCopy',
  'batchRemove',
  'readFile',
  'writeFile',
  'abandonUpload',
  'task',
  'usage',
]

const named = (bench: Bench, name: string): DrivePath => {
  const path = child(bench.root, name)
  return E.isRight(path) ? path.right : bench.moot(`${JSON.stringify(name)} is no segment of a path`)
}
const isSegment = (name: string): boolean => E.isRight(child(root, name))

/** Names that the drive's own rules refuse, one a rule; what no path can hold is never asked for. */
const refusedNames = ({ naming }: DriveProvider['capabilities']): ReadonlyArray<string> =>
  [
    ...Array.from(naming.forbidden, (c) => `a${c}b`),
    ...Array.from(naming.forbiddenFirst ?? '', (c) => `${c}b`),
    ...Array.from(naming.forbiddenLast ?? '', (c) => `a${c}`),
    ...naming.reserved,
  ].filter(isSegment)
const noRule = (capabilities: DriveProvider['capabilities']): string | undefined =>
  refusedNames(capabilities).length === 0 ? 'no name is forbidden' : undefined

const refusedAt = async (bench: Bench, run: (path: DrivePath) => Result<unknown>): Promise<void> => {
  for (const name of refusedNames(bench.drive.capabilities)) await bench.left(run(named(bench, name)), 'InvalidPath')
}

const refusedPerItem = async (bench: Bench, verb: 'batchMove' | 'batchCopy'): Promise<void> => {
  const from = await bench.makeFile('source')
  const names = refusedNames(bench.drive.capabilities)
  const items = [...names.map((name) => ({ from, to: named(bench, name) })), { from, to: bench.at('plain') }]
  const expected = [...names.map(() => 'InvalidPath'), 'done']
  bench.same(words(await bench.right(bench.drive[verb](items))), expected, 'the outcomes')
}

export const capabilityLaws: ReadonlyArray<Law> = [
  law('every verb is there, declared or not', async ({ drive, same }) => {
    same(
      verbs.filter((verb) => typeof drive[verb] !== 'function'),
      [],
      'the verbs that are missing',
    )
    same(drive.vendor === '', false, 'whether the vendor is nameless')
    await Promise.resolve()
  }),
  law('capabilities are plain data, the same for every provider object', async ({ drive, again, same }) => {
    same(JSON.parse(JSON.stringify(drive.capabilities)), drive.capabilities, 'the capabilities through JSON')
    same((await again()).capabilities, drive.capabilities, 'those of another provider object')
  }),
  law('limits are numbers that can be worked with', async ({ drive, holds }) => {
    const { limits, naming } = drive.capabilities
    for (const [what, limit] of Object.entries({ ...limits, name: naming.maxLength }))
      holds(Number.isInteger(limit) && limit >= 1, `${what} is ${limit}`)
    await Promise.resolve()
  }),
  {
    ...law('a directory is not given a name that the drive refuses', async (bench) => {
      await refusedAt(bench, (path) => bench.drive.createDir(path))
      bench.same(await bench.tree(), [], 'the tree')
    }),
    mootFor: noRule,
  },
  {
    ...law('a file is not given a name that the drive refuses, and its source is not read', async (bench) => {
      const bytes = fromBytes('x')
      let opened = 0
      const source: UploadSource = {
        ...bytes,
        open: (range, signal) => {
          opened++
          return bytes.open(range, signal)
        },
      }
      await refusedAt(bench, (path) => bench.drive.writeFile(path, source))
      bench.same([opened, await bench.tree()], [0, []], 'how often the source was opened, and the tree')
    }),
    mootFor: noRule,
  },
  {
    ...law(
      'a copied directory is not given a name that the drive refuses',
      async (bench) => {
        const from = await bench.makeDir('source')
        await refusedAt(bench, (path) => bench.drive.copyDir(from, path))
        bench.same(await bench.tree(), ['source/'], 'the tree')
      },
      ['operations.copyDir'],
    ),
    mootFor: noRule,
  },
  {
    ...law(
      'a name that the drive refuses fails its own item of a move, and the rest go on',
      (bench) => refusedPerItem(bench, 'batchMove'),
      ['operations.batchMove'],
    ),
    mootFor: noRule,
  },
  {
    ...law(
      'a name that the drive refuses fails its own item of a copy, and the rest go on',
      (bench) => refusedPerItem(bench, 'batchCopy'),
      ['operations.batchCopy'],
    ),
    mootFor: noRule,
  },
  {
    ...law('a name that could not be given is looked for without harm', async (bench) => {
      for (const name of refusedNames(bench.drive.capabilities))
        await bench.left(bench.drive.stat(named(bench, name)), 'NotFound', 'InvalidPath', 'LimitExceeded')
    }),
    mootFor: noRule,
  },
  {
    ...law(
      'versions are told where they are declared',
      async ({ drive, right, same, makeFile }) => {
        const entry = await right(drive.stat(await makeFile('f')))
        same('version' in entry, true, 'whether a version is told')
      },
      ['features.versions'],
    ),
    otherwise: async ({ drive, right, same, makeFile }) => {
      const entry = await right(drive.stat(await makeFile('f')))
      same('version' in entry, false, 'whether a version is told')
    },
  },
]
