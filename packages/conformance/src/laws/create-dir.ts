// Laws of createDir beside the matrix: parents, times, races, helpers.
import { ensureDir, parsePath, root, under, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Law } from '../law'
import { sameTime } from './times'

const law = (name: string, check: Law['check'], promise = '2.3 Placing'): Law => ({
  name,
  operation: 'createDir',
  promise,
  needs: ['conflict.createDir.ask'],
  check,
})

export const createDirLaws: ReadonlyArray<Law> = [
  law(
    'the root is taken under every strategy',
    async ({ drive, left }) => {
      for (const conflict of ['ask', 'rename', 'overwrite'] as const)
        await left(drive.createDir(root, { conflict }), 'NameConflict')
    },
    '2.1 Paths',
  ),
  law('a directory without a strategy is made as under ask', async ({ drive, at, left, right }) => {
    await right(drive.createDir(at('d')))
    await left(drive.createDir(at('d')), 'NameConflict')
  }),
  law(
    'what is made is an empty directory, seen by stat and list',
    async ({ drive, root: own, at, right, same, entriesOf }) => {
      const made = await right(drive.createDir(at('d')))
      same([made.kind, made.path, made.name, made.how], ['directory', at('d'), 'd', 'as-asked'], 'the answer')
      same((await right(drive.stat(at('d')))).kind, 'directory', 'the kind')
      same(
        (await entriesOf(own)).map((e) => e.name),
        ['d'],
        'its parent',
      )
      same((await entriesOf(at('d'))).length, 0, 'entries in it')
    },
  ),
  law('missing parents are made', async ({ drive, at, right, same, tree }) => {
    await right(drive.createDir(at('a/b/c')))
    same(await tree(), ['a/', 'a/b/', 'a/b/c/'], 'the tree')
  }),
  law('missing parents may be required: NotFound, and nothing is made', async ({ drive, at, left, same, tree }) => {
    const error = await left(drive.createDir(at('a/b'), { parents: 'require' }), 'NotFound')
    same([error.what, await tree()], ['parent', []], 'the error and the tree')
  }),
  law('parents that are there satisfy the requirement', async ({ drive, at, right, same, makeDir }) => {
    await makeDir('a')
    same((await right(drive.createDir(at('a/b'), { parents: 'require' }))).path, at('a/b'), 'the path')
  }),
  law('a file among the parents is WrongKind naming it', async ({ drive, at, left, same, tree, makeFile }) => {
    await makeFile('f')
    const error = await left(drive.createDir(at('f/a/b')), 'WrongKind')
    same([error.expected, error.at], ['directory', at('f')], 'the error')
    same(await tree(), ['f'], 'the tree')
  }),
  law('a file as the parent is WrongKind under rename too', async ({ drive, at, left, makeFile }) => {
    await makeFile('f')
    await left(drive.createDir(at('f/a'), { conflict: 'rename' }), 'WrongKind')
  }),
  law('renaming again and again gives ever other names', async ({ drive, at, right, same, tree }) => {
    const paths = new Set<DrivePath>()
    for (let i = 0; i < 4; i++) paths.add((await right(drive.createDir(at('d'), { conflict: 'rename' }))).path)
    same([paths.size, (await tree()).length], [4, 4], 'names and directories')
  }),
  law(
    'many creators below one missing parent all succeed, and the parent is made once',
    async ({ drive, at, right, same, tree }) => {
      const names = ['1', '2', '3', '4', '5', '6', '7', '8']
      await Promise.all(names.map((n) => right(drive.createDir(at(`a/b/${n}`)))))
      same(await tree(), ['a/', 'a/b/', ...names.map((n) => `a/b/${n}/`)], 'the tree')
    },
  ),
  law('ensureDir makes it once and finds it ever after', async ({ drive, at, right, same, tree }) => {
    const first = await right(ensureDir(drive, at('a/b')))
    const again = await right(ensureDir(drive, at('a/b')))
    same(
      [first.path, again.path, again.kind, await tree()],
      [at('a/b'), at('a/b'), 'directory', ['a/', 'a/b/']],
      'both answers',
    )
  }),
  law('ensureDir of a file is WrongKind', async ({ drive, left, makeFile }) => {
    await left(ensureDir(drive, await makeFile('f')), 'WrongKind')
  }),
  law(
    'a deep tree is made as far as the drive allows, and no deeper',
    async ({ drive, root: own, left, right, same }) => {
      const max = drive.capabilities.naming.maxDepth
      const depth = (max ?? 12) - own.split('/').length
      const down = parsePath(Array.from({ length: depth }, (_, i) => String(i)).join('/'))
      if (E.isLeft(down)) return
      const deepest = under(own, down.right)
      same((await right(drive.createDir(deepest))).path, deepest, 'the deepest')
      if (max === undefined) return
      const error = await left(drive.createDir(`${deepest}/x` as DrivePath), 'LimitExceeded')
      same(error.limit, 'depth', 'the limit')
    },
    '6 Capabilities',
  ),
  ...(['createdAt', 'modifiedAt'] as const).map((time) =>
    law(`${time} of a directory comes back where the drive keeps it`, async (harness) => {
      const { drive, at, right } = harness
      const then = new Date('2020-02-03T04:05:06.789Z')
      const made = await right(drive.createDir(at('d'), { [time]: then }))
      const found = await right(drive.stat(made.path))
      if (drive.capabilities.times.directory[time] === 'kept') sameTime(harness, found[time], then, time)
    }),
  ),
]
