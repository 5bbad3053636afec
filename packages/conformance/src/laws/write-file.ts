// Laws of writeFile beside the matrix: bytes, sources, evidence, versions, checkpoints, parents, races.
import { fromBytes, readBytes, root, type DriveError, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Violation, type Harness, type Law } from '../law'
import { checkNothingLeft, ofHello, patternBytes, yielding } from '../words'

const law = (name: string, check: Law['check'], promise = '2.6 Reading and writing'): Law => ({
  name,
  operation: 'writeFile',
  promise,
  needs: ['conflict.writeFile.ask'],
  check,
})

const MiB = 1024 * 1024
const roundTrip = async ({ drive, at, right, same, holds }: Harness, size: number): Promise<void> => {
  const bytes = patternBytes(size)
  const written = await right(drive.writeFile(at('f'), fromBytes(bytes)))
  same([written.kind, written.path, written.size, written.how], ['file', at('f'), size, 'as-asked'], 'the answer')
  const read = await right(readBytes(await right(drive.readFile(at('f')))))
  holds(Buffer.compare(read, bytes) === 0, `${size} bytes were written, other bytes were read`)
}

const noSource = (error: DriveError): UploadSource => ({ size: 5, open: () => TE.left(error) })

export const writeFileLaws: ReadonlyArray<Law> = [
  ...[0, 1, 255, 65_536, MiB - 1, MiB, MiB + 1, 3 * MiB + 17].map((size) =>
    law(`${size} bytes come back as they were sent`, (harness) => roundTrip(harness, size)),
  ),
  law('without a strategy a file is written as under ask', async ({ drive, at, left, same, textOf, makeFile }) => {
    await makeFile('f', 'old')
    const error = await left(drive.writeFile(at('f'), fromBytes('new')), 'NameConflict')
    same([error.path, await textOf(at('f'))], [at('f'), 'old'], 'the error and the content')
  }),
  {
    ...law(
      'what overwrite did leaves no name of its own behind',
      async (harness) => {
        await harness.makeFile('f', 'old')
        for (const text of ['one', 'two', ''])
          await harness.right(harness.drive.writeFile(harness.at('f'), fromBytes(text), { conflict: 'overwrite' }))
        await checkNothingLeft(harness)
        harness.same([await harness.tree(), await harness.textOf(harness.at('f'))], [['f'], ''], 'tree and content')
      },
      '2.3 Placing',
    ),
    needs: ['conflict.writeFile.overwrite'],
  },
  law(
    'a refused upload leaves no name of its own behind',
    async (harness) => {
      await harness.makeFile('f', 'old')
      for (const conflict of ['ask', 'rename', 'overwrite'] as const) {
        const source = yielding(5, ['abc'], new Error('disk'))
        await harness.left(
          harness.drive.writeFile(harness.at('f'), source, { conflict }),
          'SourceFailed',
          'NameConflict',
          'Unsupported',
        )
      }
      await checkNothingLeft(harness)
      harness.same([await harness.tree(), await harness.textOf(harness.at('f'))], [['f'], 'old'], 'tree and content')
    },
    '2.3 Placing',
  ),
  law(
    'a source that fails below missing parents leaves directories at most',
    async ({ drive, at, left, holds, tree }) => {
      await left(drive.writeFile(at('a/b/f'), yielding(5, ['abc'], new Error('disk'))), 'SourceFailed')
      const standing = await tree()
      holds(
        standing.every((path) => path.endsWith('/')),
        `more than parents exists: ${standing.join(', ')}`,
      )
    },
    '2.3 Placing',
  ),
  law('an empty file is an ordinary file', async ({ drive, at, right, same }) => {
    await right(drive.writeFile(at('f'), fromBytes('')))
    const entry = await right(drive.stat(at('f')))
    same([entry.kind, entry.kind === 'file' && entry.size], ['file', 0], 'the entry')
  }),
  law('the result is what stat says afterwards', async ({ drive, at, right, same }) => {
    const written = await right(drive.writeFile(at('f'), fromBytes('hello')))
    const looked = await right(drive.stat(at('f')))
    if (looked.kind !== 'file') return
    same(
      [written.path, written.size, written.version ?? looked.version, written.checksums, written.id],
      [looked.path, looked.size, looked.version, looked.checksums, looked.id],
      'the entry',
    )
  }),
  law('the evidence is of an algorithm that the drive declares', async ({ drive, at, right, same, holds }) => {
    const { evidence } = await right(drive.writeFile(at('f'), { ...fromBytes('hello'), checksums: ofHello }))
    const { given, checked } = drive.capabilities.checksums
    if (checked.length > 0)
      holds(evidence.startsWith('vendor-checked:'), `vendor-checked was promised, got ${evidence}`)
    if (evidence === 'size') return
    const [how, algorithm] = evidence.split(':')
    const declared: ReadonlyArray<string> = how === 'vendor-checked' ? checked : given
    same(declared.includes(algorithm ?? ''), true, `${evidence} as declared`)
  }),
  law(
    'the root is taken',
    async ({ drive, left }) => {
      await left(drive.writeFile(root, fromBytes('x')), 'NameConflict')
    },
    '2.1 Paths',
  ),
  law(
    'missing parents are made',
    async ({ drive, at, right, same, tree }) => {
      await right(drive.writeFile(at('a/b/f'), fromBytes('x')))
      same(await tree(), ['a/', 'a/b/', 'a/b/f'], 'the tree')
    },
    '2.3 Placing',
  ),
  law(
    'missing parents may be required: NotFound, and nothing appears',
    async ({ drive, at, left, same, tree }) => {
      const error = await left(drive.writeFile(at('a/f'), fromBytes('x'), { parents: 'require' }), 'NotFound')
      same([error.what, await tree()], ['parent', []], 'the error and the tree')
    },
    '2.3 Placing',
  ),
  law(
    'a file among the parents is WrongKind naming it',
    async ({ drive, at, left, same, tree, makeFile }) => {
      await makeFile('f')
      const error = await left(drive.writeFile(at('f/x'), fromBytes('x')), 'WrongKind')
      same([error.expected, error.at, await tree()], ['directory', at('f'), ['f']], 'the error and the tree')
    },
    '2.3 Placing',
  ),
  law(
    'a file far up among the parents is named too',
    async ({ drive, at, left, same, makeFile }) => {
      await makeFile('f')
      same((await left(drive.writeFile(at('f/a/b/x'), fromBytes('x')), 'WrongKind')).at, at('f'), 'the file')
    },
    '2.3 Placing',
  ),
  ...(
    [
      ['shorter', yielding(5, ['abc'])],
      ['longer', yielding(2, ['abc'])],
      ['unreadable', yielding(5, ['abc'], new Error('disk'))],
    ] as const
  ).map(([reason, source]) =>
    law(`a source that is ${reason} is SourceFailed, and nothing appears`, async ({ drive, at, left, same, tree }) => {
      const error = await left(drive.writeFile(at('f'), source), 'SourceFailed')
      same([error.reason, await tree()], [reason, []], 'the error and the tree')
    }),
  ),
  law('a source that fails late leaves what it should replace', async (harness) => {
    const { drive, at, left, same, makeFile, textOf, tree } = harness
    await makeFile('f', 'old')
    await left(
      drive.writeFile(at('f'), yielding(5, ['abc'], new Error('disk')), { conflict: 'overwrite' }),
      'SourceFailed',
    )
    same([await textOf(at('f')), await tree()], ['old', ['f']], 'what exists')
  }),
  law('a source that cannot be opened fails with its own error', async ({ drive, at, left, same, tree }) => {
    const own = await left(drive.stat(at('none')), 'NotFound')
    const answer = await drive.writeFile(at('f'), noSource(own))()
    same([E.isLeft(answer) && answer.left._tag, await tree()], ['NotFound', []], 'the error and the tree')
  }),
  law(
    'a refused upload can be repeated with the same source',
    async ({ drive, at, left, right, textOf, same, makeFile }) => {
      await makeFile('f', 'old')
      const source = fromBytes('new')
      await left(drive.writeFile(at('f'), source), 'NameConflict')
      await right(drive.writeFile(at('g'), source))
      same(await textOf(at('g')), 'new', 'the content')
    },
  ),
  law(
    'many files below one missing parent all arrive',
    async ({ drive, at, right, same, tree }) => {
      await Promise.all(
        Array.from({ length: 12 }, (_, i) => right(drive.writeFile(at(`new/dir/${i}`), fromBytes(String(i))))),
      )
      same((await tree()).length, 14, 'entries')
    },
    '2.3 Placing',
  ),
  {
    ...law(
      'a file is replaced only while it has the version given',
      async ({ drive, at, left, right, same, textOf, makeFile }) => {
        const first = await right(drive.stat(await makeFile('f', 'one')))
        if (first.kind !== 'file' || first.version === undefined) throw new Violation('a version was promised')
        const second = await right(
          drive.writeFile(at('f'), fromBytes('two!'), { conflict: 'overwrite', ifVersion: first.version }),
        )
        await left(
          drive.writeFile(at('f'), fromBytes('three'), { conflict: 'overwrite', ifVersion: first.version }),
          'PreconditionFailed',
        )
        same(await textOf(second.path), 'two!', 'the content')
      },
    ),
    needs: ['features.etags', 'conflict.writeFile.overwrite'],
  },
  {
    ...law('a version of what is not there does not hold', async ({ drive, at, left, same, tree }) => {
      await left(
        drive.writeFile(at('f'), fromBytes('x'), { conflict: 'overwrite', ifVersion: 'whatever' }),
        'PreconditionFailed',
      )
      same(await tree(), [], 'the tree')
    }),
    needs: ['features.etags', 'conflict.writeFile.overwrite'],
  },
]
