// A sync of the library: a file in the place of a directory, and the reverse.
import { leftovers, toPromises, type DriveProvider, type Entry } from '@anydrive/core'
import { isTemporary, temporaryName } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { checkPlan, planMigration, readPlan, sqliteJournal, sync, writePlan, type SyncOptions } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at, atOnce, contents, failing, memory, type Files } from './drives'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anydrive-kinds-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const source: Files = { 'a/b/c': 'deep', 'a/e/': '', 'd/notes': 'a file now', plain: 'same' }
/** `a` is a file, `d/notes` a directory of two files and a directory: five entries, and one that is extra. */
const target: Files = { a: 'a file', 'd/notes/x': 'x', 'd/notes/y/z': 'z', plain: 'same', stray: 's' }
const inTheWay = 5
const removals = inTheWay + 1

const run = async (from: DriveProvider, to: DriveProvider, more: Partial<SyncOptions> = {}) => {
  const migration = sync({ from: { drive: from }, to: { drive: to }, delay: atOnce, ...more })
  const removed: Array<string> = []
  migration.on('removed', ({ path }) => removed.push(path))
  return { ended: await migration.run(), removed: removed.sort() }
}
const temporaries = async (drive: DriveProvider, path = ''): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const { name, kind, path: below } of (await toPromises(drive).list(path, { temporaries: 'show' })).items) {
    if (isTemporary(name)) found.push(below)
    if (kind === 'directory') found.push(...(await temporaries(drive, below)))
  }
  return found
}
const filled = async (drive: DriveProvider): Promise<DriveProvider> => {
  for (const [path, text] of Object.entries(target)) await toPromises(drive).writeFile(path, text)
  return drive
}

test.each([
  ['a memory drive', () => openMemory()],
  ['a directory of this machine', () => openLocal({ root: dir })],
])('the entry of the other kind is replaced, counted and reported under its name: %s', async (_what, open) => {
  const from = await memory(source)
  const to = await filled(open())
  const { ended, removed } = await run(from, to, { maxDelete: removals })
  expect(ended).toMatchObject({ right: { failures: 0, extra: { found: removals, removed: removals } } })
  expect(removed).toEqual(['a', 'd/notes', 'd/notes/x', 'd/notes/y', 'd/notes/y/z', 'stray'])
  expect(await contents(to)).toEqual(await contents(from))
  expect(await temporaries(to)).toEqual([])
})

test('nothing is changed where more would be removed than is allowed', async () => {
  const [from, to] = [await memory({ ...source, plain: 'other' }), await memory(target)]
  const { ended, removed } = await run(from, to, { maxDelete: removals - 1 })
  expect(ended).toMatchObject({
    right: {
      failures: 2,
      failed: [{ error: { code: 'OtherKind' } }, { error: { code: 'OtherKind' } }],
      extra: { removed: 0, notRemoved: 'failures' },
    },
  })
  expect(removed).toEqual([])
  expect(await contents(to)).toEqual({ ...(await contents(await memory(target))), plain: 'other' })
})

test('a directory that holds something excluded stays, and so does an excluded file', async () => {
  const [from, to] = [await memory(source), await memory(target)]
  const before = await contents(to)
  const include = ({ name }: Entry) => name !== 'z' && name !== 'a'
  const { ended } = await run(from, to, { include })
  expect(ended).toMatchObject({
    right: {
      failures: 1,
      failed: [{ path: 'd/notes', error: { _tag: 'NameConflict', code: 'OtherKind' } }],
      extra: { removed: 0, notRemoved: 'failures' },
    },
  })
  expect(await contents(to)).toEqual(before)
})

test('what made room for a file that cannot be sent is put back', async () => {
  const [from, to] = [await memory(source), await memory(target)]
  const broken = failing(from, 'readFile', (path) => (path === 'd/notes' ? { _tag: 'Forbidden' } : undefined))
  const { ended } = await run(broken, to)
  expect(ended).toMatchObject({ right: { failures: 1, extra: { removed: 0, notRemoved: 'failures' } } })
  expect(await contents(to)).toMatchObject({ 'd/notes/x': 'x', 'd/notes/y/z': 'z', stray: 's', 'a/b/c': 'deep' })
})

test('what made room stays until everything arrived: the next sync removes it, or a cleanup', async () => {
  for (const isCleaned of [false, true]) {
    const [from, to] = [await memory(source), await memory(target)]
    const broken = failing(from, 'readFile', (path) => (path === 'a/b/c' ? { _tag: 'Forbidden' } : undefined))
    expect((await run(broken, to)).ended).toMatchObject({ right: { failures: 1, extra: { removed: 0 } } })
    expect(await toPromises(to).readText(temporaryName(at('a'), 'aside'))).toBe('a file')
    if (isCleaned) expect(await leftovers(to, at(''))()).toMatchObject({ right: [{ target: 'a', done: 'removed' }] })
    expect((await run(from, to)).ended).toMatchObject({
      right: { failures: 0, extra: { removed: isCleaned ? removals - 1 : removals } },
    })
    expect(await temporaries(to)).toEqual([])
    expect(await contents(to)).toEqual(await contents(from))
  }
})

test('a name that leaves no room for a temporary one is refused', async () => {
  const name = 'n'.repeat(210)
  const [from, to] = [await memory({ [name]: 'file' }), await memory({ [`${name}/x`]: 'x' })]
  expect((await run(from, to)).ended).toMatchObject({ right: { failed: [{ error: { code: 'OtherKind' } }] } })
  expect(await contents(to)).toEqual({ [`${name}/`]: '', [`${name}/x`]: 'x' })
})

describe('a plan', () => {
  const planned = async (from: DriveProvider, to: DriveProvider) => {
    const ends = { from: { drive: from }, to: { drive: to } }
    const made = planMigration({ ...ends, conflict: 'different', removeExtra: {} })
    const lines: Array<string> = []
    const file = join(dir, 'p')
    await writePlan(file, made.header, async (add) => {
      for await (const line of made.lines) {
        if (E.isLeft(line)) return false
        lines.push(`${line.right.do} ${line.right.to}`)
        await add(line.right)
      }
      return true
    })
    const read = await readPlan(file)
    if (E.isLeft(read)) throw new Error(read.left.message)
    const plan = await checkPlan(read.right)
    if (E.isLeft(plan)) throw new Error(plan.left.errors[0]?.message)
    return { lines, plan: plan.right }
  }

  test('shows the replacement and each removal, and carries them out', async () => {
    const [from, to] = [await memory(source), await memory(target)]
    const before = await contents(to)
    const { lines, plan } = await planned(from, to)
    expect(lines.filter((it) => /^(replace|remove)/.test(it)).sort()).toEqual([
      'remove a',
      'remove d/notes',
      'remove d/notes/x',
      'remove d/notes/y',
      'remove d/notes/y/z',
      'remove stray',
      'replace a',
      'replace d/notes',
    ])
    const refused = await run(from, to, { plan, maxDelete: removals - 1 })
    expect(refused.ended).toMatchObject({ right: { failures: 2, extra: { removed: 0 } } })
    expect(await contents(to)).toEqual(before)
    expect((await run(from, to, { plan })).ended).toMatchObject({
      right: { failures: 0, extra: { removed: removals } },
    })
    expect(await contents(to)).toEqual(await contents(from))
    expect(await temporaries(to)).toEqual([])
  })

  test('does not replace what has changed', async () => {
    const [from, to] = [await memory(source), await memory(target)]
    const { plan } = await planned(from, to)
    await toPromises(to).writeFile('a', 'changed', { conflict: 'overwrite' })
    expect((await run(from, to, { plan })).ended).toMatchObject({
      right: { failed: [{ path: 'a', error: { code: 'TargetChanged' } }], extra: { removed: 0 } },
    })
    expect(await contents(to)).toMatchObject({ a: 'changed', stray: 's' })
  })
})

describe('resumed after a kill', () => {
  /** From its change `n` on, which is made or not, no call is answered any more but with a failure. */
  const dying = (drive: DriveProvider, n: number, isMade: boolean, die: () => void): DriveProvider => {
    let [changes, isDead] = [0, false]
    const it: DriveProvider = { ...drive }
    const dead = { left: { _tag: 'Network', vendor: 'test', operation: 'stat', effect: 'unknown', message: 'dead' } }
    for (const name of ['stat', 'list', 'createDir', 'writeFile', 'batchMove', 'batchRemove'] as const)
      Object.assign(it, {
        [name]:
          (...all: ReadonlyArray<unknown>) =>
          async () => {
            if (name !== 'stat' && name !== 'list' && !isDead && ++changes === n) {
              if (isMade) await (drive[name] as (...them: ReadonlyArray<unknown>) => () => Promise<unknown>)(...all)()
              isDead = true
              die()
            }
            if (isDead) return { ...E.left(dead.left) }
            return (drive[name] as (...them: ReadonlyArray<unknown>) => () => Promise<unknown>)(...all)()
          },
      })
    return it
  }

  test.each([
    ['before', false],
    ['after', true],
  ])('%s each change of the target', async (_when, isMade) => {
    let kills = 0
    for (let n = 1; ; n++) {
      const [from, to] = [await memory(source), await memory(target)]
      const once = async (drive: DriveProvider, signal?: AbortSignal) => {
        const journal = sqliteJournal(join(dir, `j${n}`))
        if (E.isLeft(journal)) throw new Error(journal.left.message)
        const done = await run(from, drive, { journal: journal.right, signal, concurrency: 1 })
        journal.right.close()
        return done.ended
      }
      const stop = new AbortController()
      const first = await once(
        dying(to, n, isMade, () => {
          stop.abort()
        }),
        stop.signal,
      )
      if (E.isRight(first)) break
      kills += 1
      expect([n, await once(to)]).toMatchObject([n, { right: { failures: 0 } }])
      expect([n, await contents(to)]).toEqual([n, await contents(from)])
      expect([n, (await temporaries(to)).filter((path) => !path.includes('same-place'))]).toEqual([n, []])
    }
    expect(kills).toBeGreaterThan(8)
  })
})

test.each([
  ['a file', (drive: DriveProvider) => toPromises(drive).writeFile('d/notes/new', 'n')],
  ['a directory below', (drive: DriveProvider) => toPromises(drive).ensureDir('d/notes/y/new')],
])('what was added to a directory after the plan is not left behind in silence: %s', async (_what, add) => {
  const [from, to] = [await memory(source), await memory(target)]
  const ends = { from: { drive: from }, to: { drive: to } }
  const planned = planMigration({ ...ends, conflict: 'different', removeExtra: {} })
  const file = join(dir, 'plan')
  await writePlan(file, planned.header, async (put) => {
    for await (const line of planned.lines) if (E.isRight(line)) await put(line.right)
    return true
  })
  const read = await readPlan(file)
  const plan = E.isRight(read) ? await checkPlan(read.right) : undefined
  if (plan === undefined || E.isLeft(plan)) throw new Error('no plan')
  await add(to)
  const { ended } = await run(from, to, { plan: plan.right })
  expect(ended).toMatchObject({ right: { failures: 1, failed: [{ error: { _tag: 'PreconditionFailed' } }] } })
  const [kept] = await temporaries(to)
  expect(ended).toMatchObject({ right: { failed: [{ path: kept }] } })
  expect((await run(from, to)).ended).toMatchObject({ right: { failures: 0 } })
  expect(await contents(to)).toEqual(await contents(from))
})
