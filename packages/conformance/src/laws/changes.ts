// Laws of the change feed.
import { fromBytes, isInside, relativeTo, type Change } from '@anydrive/core'
import { Violation, type Harness, type Law } from '../law'
import { refused, withVerbs } from '../words'

const law = (name: string, check: Law['check'], more: Partial<Law> = {}): Law => ({
  name,
  operation: 'changes',
  promise: '2.7 Optional operations',
  needs: ['operations.changes'],
  check,
  ...more,
})

const feed = (harness: Harness) => withVerbs(harness.drive, 'operations.changes')

const cursorOf = async (harness: Harness): Promise<string> => {
  const { items, cursor, more } = await harness.right(feed(harness).changes())
  harness.same([items, more], [[], false], 'what is reported without a cursor')
  return cursor
}

/** All that happened below the law's folder since the cursor. */
const since = async (harness: Harness, from: string, limit?: number): Promise<ReadonlyArray<Change>> => {
  await harness.hooks.settled?.()
  const all: Array<Change> = []
  for (let cursor = from; ;) {
    const page = await harness.right(feed(harness).changes({ cursor, limit }))
    all.push(...page.items)
    if (!page.more) return all.filter(({ path }) => path !== undefined && isInside(harness.root, path))
    if (page.cursor === cursor)
      throw new Violation('a cursor for more changes was promised, got the one that was given')
    cursor = page.cursor
  }
}

const shown = (harness: Harness, changes: ReadonlyArray<Change>): ReadonlyArray<string> =>
  changes.map(({ what, path }) => `${what} ${path === undefined ? '' : relativeTo(harness.root, path)}`)

/** Whether these are reported, each after the one before; others may be in between. */
const checkOrder = (reported: ReadonlyArray<string>, expected: ReadonlyArray<ReadonlyArray<string>>): void => {
  let at = 0
  for (const words of expected) {
    const found = reported.slice(at).findIndex((one) => words.includes(one))
    if (found < 0) throw new Violation(`${words.join(' or ')} was promised, got ${reported.join(', ') || 'nothing'}`)
    at += found + 1
  }
}

export const changeLaws: ReadonlyArray<Law> = [
  {
    ...law(
      'what happens after the cursor is reported, in its order',
      async (harness) => {
        const cursor = await cursorOf(harness)
        await harness.makeDir('d')
        const path = await harness.makeFile('d/f')
        await harness.right(harness.drive.writeFile(path, fromBytes('other'), { conflict: 'overwrite' }))
        const created = ['created d/f', 'moved d/f', 'modified d/f']
        checkOrder(shown(harness, await since(harness, cursor)), [['created d'], created, created])
      },
      { needs: ['operations.changes', 'conflict.writeFile.overwrite'] },
    ),
    otherwise: refused('changes'),
  },
  law(
    'a move is reported at the new path, with the id that the entry keeps',
    async (harness) => {
      const { drive, right, at, same } = harness
      const { id } = await right(drive.stat(await harness.makeFile('a')))
      const cursor = await cursorOf(harness)
      await right(drive.batchMove([{ from: at('a'), to: at('b') }]))
      const reported = await since(harness, cursor)
      checkOrder(shown(harness, reported), [['moved b']])
      const moved = reported.find(({ what, path }) => what === 'moved' && path === at('b'))
      if (id !== undefined && moved?.id !== undefined) same(moved.id, id, 'the id')
    },
    { needs: ['operations.changes', 'operations.batchMove', 'conflict.moveFile.ask'] },
  ),
  law(
    'a removal is reported once, for a directory with all below it',
    async (harness) => {
      const path = await harness.makeDir('d')
      await harness.makeFile('d/f')
      const cursor = await cursorOf(harness)
      await harness.right(harness.drive.batchRemove([path]))
      harness.same(shown(harness, await since(harness, cursor)), ['removed d'], 'what is reported')
    },
    { needs: ['operations.changes', 'operations.batchRemove'] },
  ),
  law('pages yield each change once, and a cursor may be used again', async (harness) => {
    const cursor = await cursorOf(harness)
    for (const name of ['a', 'b', 'c']) await harness.makeDir(name)
    const reported = shown(harness, await since(harness, cursor, 1))
    harness.same(reported, ['created a', 'created b', 'created c'], 'what is reported in pages of one')
    harness.same(shown(harness, await since(harness, cursor)), reported, 'what is reported again')
  }),
  law('a cursor is good in another provider object', async (harness) => {
    const cursor = await cursorOf(harness)
    await harness.makeDir('a')
    const other = { ...harness, drive: await harness.again() }
    harness.same(shown(harness, await since(other, cursor)), ['created a'], 'what is reported')
  }),
  law('a cursor that no drive gave is NotFound', async (harness) => {
    const error = await harness.left(feed(harness).changes({ cursor: 'no cursor of any drive' }), 'NotFound')
    harness.same(error.what, 'cursor', 'what is not found')
  }),
]
