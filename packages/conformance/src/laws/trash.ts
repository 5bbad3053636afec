// Laws of the trash: listTrash, restore, purge and emptyTrash.
import {
  has,
  nameOf,
  type ConflictStrategy,
  type DrivePath,
  type DriveProvider,
  type Feature,
  type OptionalVerb,
  type TrashEntry,
} from '@anydrive/core'
import { Violation, type Harness, type Law } from '../law'
import { everyItem, failureOf, only, refused, strategies, withVerbs, words } from '../words'

type TrashVerb = Extract<OptionalVerb, 'listTrash' | 'restore' | 'purge' | 'emptyTrash'>
const removing = ['operations.batchRemove', 'operations.listTrash', 'features.trash'] as const

const law =
  (operation: TrashVerb) =>
  (name: string, check: Law['check'], needs: ReadonlyArray<Feature> = []): Law => ({
    name,
    operation,
    promise: '2.7 Optional operations',
    needs: [...removing, `operations.${operation}`, ...needs],
    check,
  })

const trashOf = ({ drive, right }: Harness, limit?: number): Promise<ReadonlyArray<TrashEntry>> => {
  const able = withVerbs(drive, 'operations.listTrash')
  return everyItem((cursor) => right(able.listTrash({ cursor, limit })))
}

/** Whether an entry of the trash is, as far as it says, the one that was at this path. */
const isOf = (path: DrivePath, { path: own, name }: TrashEntry): boolean =>
  own === undefined ? name === nameOf(path) : own === path

/** Names are unique, because a service may report only the name of an entry in the trash. */
const unique = ({ root }: Harness, name: string): string => `${nameOf(root)}-${name}`

/** Removes an entry, and finds it in the trash. */
const trash = async (harness: Harness, path: DrivePath): Promise<TrashEntry> => {
  const outcome = only(await harness.right(harness.drive.batchRemove([path], { requireTrash: true })))
  const found = (await trashOf(harness)).filter((entry) => isOf(path, entry))
  const [entry] = found
  if (entry === undefined || found.length > 1)
    throw new Violation(`one entry of /${path} in the trash was promised, got ${found.length}`)
  const reported = outcome.status === 'done' ? (outcome.trashId ?? entry.trashId) : undefined
  harness.same(reported, entry.trashId, 'the id that the removal reported')
  return entry
}

const trashFile = async (harness: Harness, name: string, content = name): Promise<TrashEntry> =>
  trash(harness, await harness.makeFile(unique(harness, name), content))

/** A strategy that the drive offers; which one does not matter where no name is taken. */
const anyStrategy = ({ capabilities }: DriveProvider): ConflictStrategy =>
  strategies.find((strategy) => has(capabilities, `conflict.restore.${strategy}`)) ?? 'ask'

const restore = (harness: Harness, ids: ReadonlyArray<string>, conflict = anyStrategy(harness.drive)) =>
  harness.right(withVerbs(harness.drive, 'operations.restore').restore(ids, { conflict }))

const list = law('listTrash')
const restoring = law('restore')
const purging = law('purge')

const conflictLaw = (
  strategy: ConflictStrategy,
  name: string,
  check: (harness: Harness, path: DrivePath, entry: TrashEntry) => Promise<void>,
): Law =>
  restoring(
    name,
    async (harness) => {
      const entry = await trashFile(harness, 'a', 'old')
      const path = await harness.makeFile(unique(harness, 'a'), 'new')
      await check(harness, path, entry)
    },
    [`conflict.restore.${strategy}`],
  )

export const trashLaws: ReadonlyArray<Law> = [
  {
    ...list('a removed file is in the trash, under the id that the removal reported', async (harness) => {
      const path = await harness.makeFile(unique(harness, 'a'), 'abc')
      const { kind, name, size = 3 } = await trash(harness, path)
      harness.same({ kind, name, size }, { kind: 'file', name: nameOf(path), size: 3 }, 'the entry')
    }),
    otherwise: refused('listTrash'),
  },
  list('a removed directory is one entry of the trash', async (harness) => {
    await harness.makeFile(`${unique(harness, 'd')}/f`)
    const entry = await trash(harness, harness.at(unique(harness, 'd')))
    harness.same(entry.kind, 'directory', 'the kind')
    const inside = harness.at(`${unique(harness, 'd')}/f`)
    harness.same(
      (await trashOf(harness)).filter(({ path }) => path === inside),
      [],
      'what was below it',
    )
  }),
  list('what is removed permanently is not in the trash', async (harness) => {
    const path = await harness.makeFile(unique(harness, 'a'))
    await harness.right(harness.drive.batchRemove([path], { permanent: true }))
    harness.same(
      (await trashOf(harness)).filter((entry) => isOf(path, entry)),
      [],
      'the trash',
    )
  }),
  list('pages of the trash yield each entry once', async (harness) => {
    const paths: Array<DrivePath> = []
    for (let i = 0; i < 5; i++) paths.push(await harness.makeFile(unique(harness, String(i))))
    await harness.right(harness.drive.batchRemove(paths))
    const ids = (await trashOf(harness, 2)).map(({ trashId }) => trashId)
    const found = (await trashOf(harness)).filter((entry) => paths.some((path) => isOf(path, entry)))
    harness.same(
      found.map(({ trashId }) => ids.filter((id) => id === trashId).length),
      [1, 1, 1, 1, 1],
      'how often',
    )
  }),

  {
    ...restoring('a restored file is where it was, and no longer in the trash', async (harness) => {
      const entry = await trashFile(harness, 'a')
      const path = harness.at(unique(harness, 'a'))
      const outcome = only(await restore(harness, [entry.trashId]))
      harness.same(outcome.status === 'done' && outcome.path, path, 'the final path')
      harness.same(await harness.textOf(path), 'a', 'the content')
      harness.same(
        (await trashOf(harness)).some(({ trashId }) => trashId === entry.trashId),
        false,
        'in the trash',
      )
    }),
    otherwise: refused('restore', ['x']),
  },
  restoring('a restored directory comes back with all below it', async (harness) => {
    const name = unique(harness, 'd')
    await harness.makeFile(`${name}/e/f`)
    const { trashId } = await trash(harness, harness.at(name))
    await restore(harness, [trashId])
    harness.same(await harness.tree(), [`${name}/`, `${name}/e/`, `${name}/e/f`], 'the tree')
  }),
  restoring('an empty batch is settled', async (harness) => {
    harness.same(await restore(harness, []), { outcomes: [] }, 'the result')
  }),
  restoring('several are restored in one batch, with outcomes in the order of the request', async (harness) => {
    const [a, b] = [await trashFile(harness, 'a'), await trashFile(harness, 'b')]
    const items = [b.trashId, a.trashId]
    const { outcomes } = await restore(harness, items)
    const expected = ['b', 'a'].map((name) => harness.at(unique(harness, name)))
    harness.same(
      outcomes.map((outcome) => outcome.status === 'done' && outcome.path),
      expected,
      'the final paths',
    )
    harness.same(
      outcomes.map(({ item }) => item),
      items,
      'the items',
    )
  }),
  restoring('what is not in the trash is NotFound, and the rest go on', async (harness) => {
    const [a, b] = [await trashFile(harness, 'a'), await trashFile(harness, 'b')]
    await restore(harness, [a.trashId])
    const batch = await restore(harness, [a.trashId, b.trashId])
    harness.same(words(batch), ['NotFound', 'done'], 'the outcomes')
    const error = failureOf(batch.outcomes[0])
    harness.same(error._tag === 'NotFound' && error.what, 'trash', 'what is not found')
  }),
  restoring('where its directory is gone, that is created, or the entry stays in the trash', async (harness) => {
    const name = unique(harness, 'd')
    const entry = await trash(harness, await harness.makeFile(`${name}/${unique(harness, 'f')}`, 'content'))
    await harness.right(harness.drive.batchRemove([harness.at(name)], { permanent: true }))
    const outcome = only(await restore(harness, [entry.trashId]))
    if (outcome.status === 'done') harness.same(await harness.textOf(outcome.path), 'content', 'the content')
    else {
      harness.same(outcome.error._tag === 'NotFound' && outcome.error.what, 'parent', 'the error')
      harness.same(
        (await trashOf(harness)).some(({ trashId }) => trashId === entry.trashId),
        true,
        'in the trash',
      )
    }
  }),
  conflictLaw(
    'ask',
    'a taken name is NameConflict under ask, and the entry stays in the trash',
    async (harness, path, entry) => {
      const batch = await restore(harness, [entry.trashId], 'ask')
      harness.same(words(batch), ['NameConflict'], 'the outcome')
      harness.same(await harness.textOf(path), 'new', 'the content')
      harness.same(
        (await trashOf(harness)).some(({ trashId }) => trashId === entry.trashId),
        true,
        'in the trash',
      )
    },
  ),
  conflictLaw('rename', 'beside a taken name, rename restores under another', async (harness, path, entry) => {
    const outcome = only(await restore(harness, [entry.trashId], 'rename'))
    if (outcome.status === 'failed') throw new Violation(outcome.error.message)
    harness.same([outcome.how, outcome.path === path], ['renamed', false], 'how, and whether under the same name')
    harness.same([await harness.textOf(path), await harness.textOf(outcome.path)], ['new', 'old'], 'the contents')
  }),
  conflictLaw(
    'overwrite',
    'overwrite restores in place of the file that has the name',
    async (harness, path, entry) => {
      const outcome = only(await restore(harness, [entry.trashId], 'overwrite'))
      harness.same(outcome.status === 'done' && outcome.path, path, 'the final path')
      harness.same(await harness.textOf(path), 'old', 'the content')
    },
  ),

  {
    ...purging('what is purged is gone from the trash', async (harness) => {
      const { trashId } = await trashFile(harness, 'a')
      const able = withVerbs(harness.drive, 'operations.purge')
      harness.same(words(await harness.right(able.purge([trashId]))), ['done'], 'the outcome')
      await harness.hooks.settled?.()
      harness.same(
        (await trashOf(harness)).some((entry) => entry.trashId === trashId),
        false,
        'in the trash',
      )
      harness.same(await harness.tree(), [], 'the tree')
    }),
    otherwise: refused('purge', ['x']),
  },
  purging('what was purged before fails alone, if the service reports it', async (harness) => {
    const [a, b] = [await trashFile(harness, 'a'), await trashFile(harness, 'b')]
    const able = withVerbs(harness.drive, 'operations.purge')
    await harness.right(able.purge([a]))
    const [gone, ...others] = words(await harness.right(able.purge([a, b])))
    harness.holds(gone === 'NotFound' || gone === 'done', `the one that is gone: ${gone}`)
    harness.same(others, ['done'], 'the other')
  }),
  {
    ...law('emptyTrash')('afterwards the trash is empty', async (harness) => {
      await trashFile(harness, 'a')
      const able = withVerbs(harness.drive, 'operations.emptyTrash')
      await harness.right(able.emptyTrash())
      await harness.hooks.settled?.()
      harness.same(await trashOf(harness), [], 'the trash')
      await harness.right(able.emptyTrash())
    }),
    needsHooks: ['disposableTrash'],
    otherwise: refused('emptyTrash'),
  },
]
