// Laws of copyDir beside the matrix.
import { copy, root } from '@anydrive/core'
import type { Law } from '../law'
import { checkRenamed } from '../words'

const law = (name: string, check: Law['check'], promise = '2.3 Placing'): Law => ({
  name,
  operation: 'copyDir',
  promise,
  needs: ['operations.copyDir', 'conflict.copyDir.ask'],
  check,
})

export const copyDirLaws: ReadonlyArray<Law> = [
  law(
    'a whole tree is copied, and the source stays',
    async ({ drive, at, right, same, tree, textOf, makeFile, makeDir }) => {
      await makeFile('a/f1', 'one')
      await makeFile('a/b/f2', 'two')
      await makeFile('a/b/c/f3', '')
      await makeDir('a/empty')
      const placed = await right(drive.copyDir(at('a'), at('z')))
      same([placed.path, placed.how], [at('z'), 'as-asked'], 'the answer')
      const below = ['', 'b/', 'b/c/', 'b/c/f3', 'b/f2', 'empty/', 'f1']
      same(await tree(), [...below.map((p) => `a/${p}`), ...below.map((p) => `z/${p}`)].sort(), 'the tree')
      same(
        [await textOf(at('z/f1')), await textOf(at('z/b/f2')), await textOf(at('z/b/c/f3'))],
        ['one', 'two', ''],
        'the contents',
      )
    },
  ),
  law('without a strategy a directory is copied as under ask', async ({ drive, left, same, tree, makeDir }) => {
    const error = await left(drive.copyDir(await makeDir('a'), await makeDir('b')), 'NameConflict')
    same([error.path, await tree()], [await makeDir('b'), ['a/', 'b/']], 'the error and the tree')
  }),
  law(
    'a file among the parents of the target is WrongKind',
    async ({ drive, at, left, same, tree, makeDir, makeFile }) => {
      await makeFile('f')
      const error = await left(drive.copyDir(await makeDir('a'), at('f/b/c')), 'WrongKind')
      same([error.expected, error.at, await tree()], ['directory', at('f'), ['a/', 'f']], 'the error and the tree')
    },
  ),
  law('an empty directory is copied', async ({ drive, at, right, same, tree, makeDir }) => {
    await right(drive.copyDir(await makeDir('a'), at('b')))
    same(await tree(), ['a/', 'b/'], 'the tree')
  }),
  law('a directory of many entries is copied whole', async ({ drive, at, right, same, entriesOf, makeFile }) => {
    for (let i = 0; i < 25; i++) await makeFile(`a/${i}`, String(i))
    await right(drive.copyDir(at('a'), at('b')))
    same((await entriesOf(at('b'))).length, 25, 'entries')
  }),
  law('changing the copy leaves the source alone', async ({ drive, at, right, same, tree, makeFile, makeDir }) => {
    await makeFile('a/f')
    await right(drive.copyDir(at('a'), at('b')))
    await makeDir('b/new')
    same(await tree(at('a')), ['f'], 'the source')
  }),
  law('missing parents of the target are made', async ({ drive, at, right, same, tree, makeDir }) => {
    await right(drive.copyDir(await makeDir('a'), at('x/y/b')))
    same(await tree(), ['a/', 'x/', 'x/y/', 'x/y/b/'], 'the tree')
  }),
  law(
    'missing parents may be required: NotFound, and nothing is made',
    async ({ drive, at, left, same, tree, makeDir }) => {
      const error = await left(drive.copyDir(await makeDir('a'), at('x/b'), { parents: 'require' }), 'NotFound')
      same([error.what, await tree()], ['parent', ['a/']], 'the error and the tree')
    },
  ),
  law('a source that is not there is NotFound', async ({ drive, at, left, same, tree }) => {
    const error = await left(drive.copyDir(at('none'), at('b')), 'NotFound')
    same([error.what, error.path, await tree()], ['source', at('none'), []], 'the error and the tree')
  }),
  law('a file as the source is WrongKind', async ({ drive, at, left, same, tree, makeFile }) => {
    const error = await left(drive.copyDir(await makeFile('f'), at('b')), 'WrongKind')
    same([error.expected, await tree()], ['directory', ['f']], 'the error and the tree')
  }),
  law('a directory into itself is NestedTarget', async ({ drive, at, left, same, tree, makeDir }) => {
    await makeDir('a/b')
    await left(drive.copyDir(at('a'), at('a/c')), 'NestedTarget')
    await left(drive.copyDir(at('a'), at('a/b/c')), 'NestedTarget')
    same(await tree(), ['a/', 'a/b/'], 'the tree')
  }),
  law(
    'the root goes nowhere',
    async ({ drive, at, left }) => {
      await left(drive.copyDir(root, at('b')), 'NestedTarget')
    },
    '2.1 Paths',
  ),
  law(
    'the root is no target',
    async ({ drive, left, makeDir }) => {
      await left(drive.copyDir(await makeDir('a'), root), 'NameConflict')
    },
    '2.1 Paths',
  ),
  law('onto itself conflicts under ask and overwrite', async ({ drive, left, makeDir }) => {
    const a = await makeDir('a')
    for (const conflict of ['ask', 'overwrite'] as const) await left(drive.copyDir(a, a, { conflict }), 'NameConflict')
  }),
  {
    ...law('onto itself under rename makes another', async (harness) => {
      await harness.makeFile('a/f', 'x')
      const placed = await harness.right(
        harness.drive.copyDir(harness.at('a'), harness.at('a'), { conflict: 'rename' }),
      )
      checkRenamed(harness, placed, harness.at('a'))
      harness.same(await harness.tree(placed.path), ['f'], 'the copy')
    }),
    needs: ['operations.copyDir', 'conflict.copyDir.rename'],
  },
  law('a copy is never merged into what exists there', async ({ drive, at, left, same, tree, makeFile }) => {
    await makeFile('a/new')
    await makeFile('b/old')
    await left(drive.copyDir(at('a'), at('b'), { conflict: 'overwrite' }), 'NameConflict')
    same(await tree(at('b')), ['old'], 'what exists there')
  }),
  law('a copy of a copy works', async ({ drive, at, right, same, textOf, makeFile }) => {
    await makeFile('a/f', 'x')
    await right(drive.copyDir(at('a'), at('b')))
    await right(drive.copyDir(at('b'), at('a/c')))
    same(await textOf(at('a/c/f')), 'x', 'the content')
  }),
  law('the helper copies a directory as it copies a file', async ({ drive, at, right, same, tree, makeFile }) => {
    await makeFile('a/f')
    await right(copy(drive, at('a'), at('b')))
    same(await tree(at('b')), ['f'], 'the copy')
  }),
]
