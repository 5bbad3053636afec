// Two trees side by side.
import { forbidden, toPromises, type DriveProvider } from '@anydrive/core'
import { openMemory, plantOther } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { compareTrees, type CompareOptions, type End } from '@anydrive/migrate'
import { at, failing, memory } from './drives'

const differences = async (a: End | DriveProvider, b: End | DriveProvider, options?: CompareOptions) => {
  const end = (it: End | DriveProvider): End => ('drive' in it ? it : { drive: it })
  const found: Array<string> = []
  for await (const one of compareTrees(end(a), end(b), options))
    if (E.isLeft(one)) found.push(`${one.left._tag} ${one.left.path ?? ''}`)
    else found.push([one.right.status, one.right.path, ...('by' in one.right ? [one.right.by] : [])].join(' '))
  return found
}

/** Lists in no order. */
const unsorted = (drive: DriveProvider): DriveProvider => ({
  ...drive,
  capabilities: { ...drive.capabilities, features: { ...drive.capabilities.features, sortedList: false } },
  list: (path, options) => async () =>
    E.map((page: { readonly items: ReadonlyArray<unknown> }) => ({ ...page, items: [...page.items].reverse() }))(
      await drive.list(path, options)(),
    ) as never,
})

const tree = { 'a/b/f': '1', 'a/c/': '', 'ü/z': '2', m: 'mmm', 'empty/': '' }

test('equal trees have no differences, and are told entry by entry if asked', async () => {
  const [a, b] = [await memory(tree), await memory(tree)]
  expect(await differences(a, b)).toEqual([])
  expect(await differences(a, b, { content: true })).toEqual([])
  expect(await differences(a, b, { same: true })).toEqual([
    'same a kind',
    'same a/b kind',
    'same a/b/f sha256',
    'same a/c kind',
    'same empty kind',
    'same m sha256',
    'same ü kind',
    'same ü/z sha256',
  ])
})

const a = { ...tree, 'gone/x/y': '1', same: 's', longer: '12', kind: 'file', content: 'abc' }
const b = { ...tree, 'new/n': '1', same: 's', longer: '123', 'kind/inner': 'x', content: 'abd' }
const expected = [
  'different content sha256',
  'missing gone',
  'missing gone/x',
  'missing gone/x/y',
  'different kind kind',
  'different longer size',
  'extra new',
  'extra new/n',
]

test('what is missing, extra or different is told once, with how it differs', async () => {
  expect(await differences(await memory(a), await memory(b))).toEqual(expected)
})

test('pages, and lists in no order, change nothing', async () => {
  const [x, y] = [await memory(a, { limits: { page: 2 } }), await memory(b, { limits: { page: 3 } })]
  expect(await differences(x, y)).toEqual(expected)
  expect(await differences(unsorted(x), y)).toEqual(expected)
  expect(await differences(unsorted(x), unsorted(y))).toEqual(expected)
})

test('subtrees and single files can be compared', async () => {
  const x = await memory({ 'd/e/f': '1', 'd/g': 'abc' })
  const y = await memory({ 'other/e/f': '1', 'other/g': 'abd' })
  expect(await differences({ drive: x, path: at('d') }, { drive: y, path: at('other') })).toEqual([
    'different g sha256',
  ])
  expect(await differences({ drive: x, path: at('d/g') }, { drive: y, path: at('other/g') })).toEqual([
    'different  sha256',
  ])
  expect(await differences({ drive: x, path: at('no') }, { drive: y })).toEqual(['NotFound no'])
})

test('without a common checksum equal sizes are all that is known, unless the contents are read', async () => {
  const x = openMemory({ checksums: ['md5'] })
  const y = openMemory({ checksums: ['sha1'] })
  await toPromises(x).writeFile('f', 'abc')
  await toPromises(y).writeFile('f', 'abd')
  expect(await differences(x, y, { same: true })).toEqual(['same f size'])
  expect(await differences(x, y, { content: true })).toEqual(['different f content'])
})

test('what is neither file nor directory is compared by kind', async () => {
  const [x, y] = [openMemory(), openMemory()]
  plantOther(x.store, at('l'), 'link')
  plantOther(y.store, at('l'), 'link')
  plantOther(x.store, at('m'), 'link')
  expect(await differences(x, y)).toEqual(['missing m'])
})

test('a directory that cannot be read is told, and the rest is still compared', async () => {
  const x = failing(await memory({ 'a/f': '1', z: '1' }), 'list', (path) => (path === 'a' ? forbidden() : undefined))
  expect(await differences(x, await memory({ 'a/f': '1', z: '2' }))).toEqual(['Forbidden a', 'different z sha256'])
})

test('what is not included is not compared', async () => {
  const [x, y] = [await memory({ 'a/f': '1', b: '1' }), await memory({ c: '1' })]
  expect(await differences(x, y, { include: ({ name }) => name === 'b' })).toEqual(['missing b'])
})
