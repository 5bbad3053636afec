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
import type { Harness, Law } from '../law'
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

const named = (harness: Harness, name: string): DrivePath => {
  const path = child(harness.root, name)
  return E.isRight(path) ? path.right : harness.notApplicable(`${JSON.stringify(name)} is no segment of a path`)
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

const refusedAt = async (harness: Harness, run: (path: DrivePath) => Result<unknown>): Promise<void> => {
  for (const name of refusedNames(harness.drive.capabilities))
    await harness.left(run(named(harness, name)), 'InvalidPath')
}

const refusedPerItem = async (harness: Harness, verb: 'batchMove' | 'batchCopy'): Promise<void> => {
  const from = await harness.makeFile('source')
  const names = refusedNames(harness.drive.capabilities)
  const items = [...names.map((name) => ({ from, to: named(harness, name) })), { from, to: harness.at('plain') }]
  const expected = [...names.map(() => 'InvalidPath'), 'done']
  harness.same(words(await harness.right(harness.drive[verb](items))), expected, 'the outcomes')
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
    ...law('a directory is not given a name that the drive refuses', async (harness) => {
      await refusedAt(harness, (path) => harness.drive.createDir(path))
      harness.same(await harness.tree(), [], 'the tree')
    }),
    notApplicableFor: noRule,
  },
  {
    ...law('a file is not given a name that the drive refuses, and its source is not read', async (harness) => {
      const bytes = fromBytes('x')
      let opened = 0
      const source: UploadSource = {
        ...bytes,
        open: (range, signal) => {
          opened++
          return bytes.open(range, signal)
        },
      }
      await refusedAt(harness, (path) => harness.drive.writeFile(path, source))
      harness.same([opened, await harness.tree()], [0, []], 'how often the source was opened, and the tree')
    }),
    notApplicableFor: noRule,
  },
  {
    ...law(
      'a copied directory is not given a name that the drive refuses',
      async (harness) => {
        const from = await harness.makeDir('source')
        await refusedAt(harness, (path) => harness.drive.copyDir(from, path))
        harness.same(await harness.tree(), ['source/'], 'the tree')
      },
      ['operations.copyDir'],
    ),
    notApplicableFor: noRule,
  },
  {
    ...law(
      'a name that the drive refuses fails its own item of a move, and the rest go on',
      (harness) => refusedPerItem(harness, 'batchMove'),
      ['operations.batchMove'],
    ),
    notApplicableFor: noRule,
  },
  {
    ...law(
      'a name that the drive refuses fails its own item of a copy, and the rest go on',
      (harness) => refusedPerItem(harness, 'batchCopy'),
      ['operations.batchCopy'],
    ),
    notApplicableFor: noRule,
  },
  {
    ...law('a name that could not be given is looked for without harm', async (harness) => {
      for (const name of refusedNames(harness.drive.capabilities))
        await harness.left(harness.drive.stat(named(harness, name)), 'NotFound', 'InvalidPath', 'LimitExceeded')
    }),
    notApplicableFor: noRule,
  },
  {
    ...law(
      'versions are reported where they are declared',
      async ({ drive, right, same, makeFile }) => {
        const entry = await right(drive.stat(await makeFile('f')))
        same('version' in entry, true, 'whether a version is reported')
      },
      ['features.etags'],
    ),
    otherwise: async ({ drive, right, same, makeFile }) => {
      const entry = await right(drive.stat(await makeFile('f')))
      same('version' in entry, false, 'whether a version is reported')
    },
  },
]
