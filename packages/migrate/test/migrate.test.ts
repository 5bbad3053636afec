// Whole migrations between two memory drives.
import { nameOf, showPath, toPromises } from '@anydrive/core'
import { network, unauthenticated, forbidden, unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import { plantOther, plantSkipped } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { migrate, type Clash, type Events } from '@anydrive/migrate'
import { at, contents, failing, memory, run, summaryOf } from './drives'

describe('a tree', () => {
  const tree = {
    'empty/': '',
    'empty file': '',
    'a/b/c/deep.txt': 'deep',
    'a/first.txt': 'first',
    '文档/报告 ü.txt': 'non-ASCII',
    'top.txt': 'top',
  }

  test('arrives whole, empty directories and empty files too, and is summed up', async () => {
    const from = await memory(tree)
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(await contents(to)).toEqual(await contents(from))
    expect(summary).toMatchObject({
      files: 5,
      bytes: 'deepfirstnon-ASCIItop'.length,
      directories: 5,
      merged: 0,
      skipped: 0,
      failures: 0,
      failed: [],
      renamed: [],
      notCarried: [],
      arrivals: { 'checksum:sha256': 5 },
      departures: { sha256: 5 },
    })
  })

  test('goes below a path, from below a path', async () => {
    const from = await memory(tree)
    const to = openMemory()
    await summaryOf({ from: { drive: from, path: at('a') }, to: { drive: to, path: at('x/y') } })
    expect(await contents(to)).toEqual({
      'x/': '',
      'x/y/': '',
      'x/y/b/': '',
      'x/y/b/c/': '',
      'x/y/b/c/deep.txt': 'deep',
      'x/y/first.txt': 'first',
    })
  })

  test('keeps times and content types', async () => {
    const from = openMemory()
    const times = { createdAt: new Date('2001-02-03T04:05:06Z'), modifiedAt: new Date('2002-03-04T05:06:07Z') }
    await toPromises(from).createDir('d', times)
    await toPromises(from).writeFile('d/f', 'x', { ...times, contentType: 'text/x-own' })
    const to = openMemory()
    await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(await toPromises(to).stat('d/f')).toMatchObject({ ...times, contentType: 'text/x-own' })
    expect(await toPromises(to).stat('d')).toMatchObject({ createdAt: times.createdAt })
  })

  test('moves within one drive between places that do not hold each other', async () => {
    const drive = await memory({ 'a/f': '1' })
    await summaryOf({ from: { drive, path: at('a') }, to: { drive, path: at('b') } })
    expect(await contents(drive)).toEqual({ 'a/': '', 'a/f': '1', 'b/': '', 'b/f': '1' })
  })

  test.each([
    ['a', 'a/b'],
    ['a/b', 'a'],
    ['a', 'a'],
    ['', 'a'],
  ])('is refused where source %p and destination %p hold each other', async (from, to) => {
    const drive = await memory({ 'a/b/f': '1' })
    const before = await contents(drive)
    const ended = await run({ from: { drive, path: at(from) }, to: { drive, path: at(to) } })
    expect(ended).toMatchObject({ left: { _tag: 'NestedTarget' } })
    expect(await contents(drive)).toEqual(before)
  })

  test('of a missing source is NotFound, and nothing is made', async () => {
    const to = openMemory()
    const ended = await run({ from: { drive: openMemory(), path: at('no') }, to: { drive: to, path: at('x') } })
    expect(ended).toMatchObject({ left: { _tag: 'NotFound', path: 'no' } })
    expect(await contents(to)).toEqual({})
  })

  test('leaves out what is not included, and makes directories only when they are used', async () => {
    const from = await memory({ 'a/x.jpg': '1', 'a/y.txt': '2', 'b/z.txt': '3', 'c/d/w.jpg': '4', 'no/v.jpg': '5' })
    const to = openMemory()
    const summary = await summaryOf({
      from: { drive: from },
      to: { drive: to },
      include: (entry) =>
        entry.path === 'no' ? false : entry.kind === 'directory' ? 'if-used' : entry.name.endsWith('.jpg'),
    })
    expect(await contents(to)).toEqual({ 'a/': '', 'a/x.jpg': '1', 'c/': '', 'c/d/': '', 'c/d/w.jpg': '4' })
    expect(summary).toMatchObject({ files: 2, directories: 3, failures: 0 })
  })

  test('reports what is neither file nor directory, and names that no path can hold', async () => {
    const from = await memory({ 'd/f': '1' })
    plantOther(from.store, at('d/link'), 'link')
    plantSkipped(from.store, at('d'), '..')
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(await contents(to)).toEqual({ 'd/': '', 'd/f': '1' })
    expect(summary.notCarried).toEqual(
      expect.arrayContaining([
        { path: '/d/link', what: 'link' },
        { path: '/d: ".."', what: 'no path can hold this name' },
      ]),
    )
    expect(summary.others).toBe(2)
  })

  test('goes on past names that the destination refuses', async () => {
    const from = await memory({ 'a?b': '1', fine: '2', ['x'.repeat(30)]: '3', 'd?/e/f': '4' })
    const to = openMemory({ naming: { forbidden: '?', maxLength: 20 } })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(await contents(to)).toEqual({ fine: '2' })
    expect(summary.failed.map(({ path, error }) => [path, error._tag]).sort()).toEqual([
      ['a?b', 'InvalidPath'],
      ['d?', 'InvalidPath'],
      ['x'.repeat(30), 'LimitExceeded'],
    ])
    expect(summary).toMatchObject({ failures: 3, blocked: 2 })
    for (const failure of summary.failed) expect(failure.remedy).not.toBe('')
  })

  test('goes on past a directory that cannot be read', async () => {
    const from = failing(await memory({ 'a/f': '1', 'b/g': '2', 'c/h': '3' }), 'list', (path) =>
      path === 'b' ? forbidden() : undefined,
    )
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(await contents(to)).toEqual({ 'a/': '', 'a/f': '1', 'b/': '', 'c/': '', 'c/h': '3' })
    expect(summary.failed).toMatchObject([{ path: 'b', error: { _tag: 'Forbidden', operation: 'list' } }])
  })
})

describe('one file', () => {
  test('goes to the path given', async () => {
    const to = openMemory()
    await summaryOf({
      from: { drive: await memory({ 'd/f.txt': '1' }), path: at('d/f.txt') },
      to: { drive: to, path: at('x/g.txt') },
    })
    expect(await contents(to)).toEqual({ 'x/': '', 'x/g.txt': '1' })
  })

  test('goes to the root under its own name where no path is given', async () => {
    const to = openMemory()
    await summaryOf({ from: { drive: await memory({ 'd/f.txt': '1' }), path: at('d/f.txt') }, to: { drive: to } })
    expect(await contents(to)).toEqual({ 'f.txt': '1' })
  })

  test('meets what stands at its path', async () => {
    const from = { drive: await memory({ 'd/f.txt': 'new' }), path: at('d/f.txt') }
    const to = await memory({ 'x/f.txt': 'old' })
    const end = { drive: to, path: at('x/f.txt') }
    const refused = await summaryOf({ from, to: end })
    expect(refused.failed).toMatchObject([{ error: { _tag: 'NameConflict', path: 'x/f.txt' } }])
    await summaryOf({ from, to: end, conflict: 'overwrite' })
    expect(await contents(to)).toEqual({ 'x/': '', 'x/f.txt': 'new' })
    const directory = await summaryOf({ from, to: { drive: to, path: at('x') }, conflict: 'overwrite' })
    expect(directory.failed).toMatchObject([{ error: { _tag: 'NameConflict', path: 'x' } }])
  })

  test('onto itself is refused', async () => {
    const drive = await memory({ 'd/f': '1' })
    const end = { drive, path: at('d/f') }
    expect(await run({ from: end, to: end })).toMatchObject({ left: { _tag: 'NestedTarget' } })
  })
})

describe('a name that is taken', () => {
  const source = { 'd/same': 'equal', 'd/other': 'new', 'd/fresh': 'fresh' }
  const standing = { 'd/same': 'equal', 'd/other': 'old', 'd/own': 'own' }
  const both = async () => ({ from: { drive: await memory(source) }, to: { drive: await memory(standing) } })

  test('fails the file under ask, and directories are merged', async () => {
    const ends = await both()
    const summary = await summaryOf(ends)
    expect(await contents(ends.to.drive)).toEqual({ 'd/': '', ...standing, 'd/fresh': 'fresh' })
    expect(summary).toMatchObject({ files: 1, merged: 1, directories: 0, failures: 2 })
    expect(summary.failed.map(({ error }) => error._tag)).toEqual(['NameConflict', 'NameConflict'])
  })

  test('is left under skip, and it is said what is known to be the same', async () => {
    const ends = await both()
    const events: Array<Events['settled']> = []
    const migration = migrate({ ...ends, conflict: 'skip' })
    migration.on('settled', (event) => events.push(event))
    const ended = await migration.run()
    expect(await contents(ends.to.drive)).toEqual({ 'd/': '', ...standing, 'd/fresh': 'fresh' })
    expect(ended).toMatchObject({ right: { files: 1, skipped: 2, identical: 1, failures: 0 } })
    const skipped = events.filter(({ outcome }) => outcome.status === 'skipped')
    expect(skipped.map(({ source: { name }, outcome }) => [name, outcome])).toEqual(
      expect.arrayContaining([
        ['same', { status: 'skipped', same: 'sha256' }],
        ['other', { status: 'skipped' }],
      ]),
    )
  })

  test('is replaced under overwrite, but what is equal already is not sent again', async () => {
    const ends = await both()
    const summary = await summaryOf({ ...ends, conflict: 'overwrite' })
    expect(await contents(ends.to.drive)).toEqual({ 'd/': '', ...source, 'd/own': 'own' })
    expect(summary).toMatchObject({ files: 2, skipped: 1, identical: 1, failures: 0 })
  })

  test('gets a free name under rename, and the summary says which', async () => {
    const ends = await both()
    const summary = await summaryOf({ ...ends, conflict: 'rename' })
    expect(summary).toMatchObject({ files: 3, renames: 2, failures: 0 })
    const found = await contents(ends.to.drive)
    for (const { from, to } of summary.renamed) expect(found[to]).toBe(source[from as keyof typeof source])
    expect(found).toMatchObject(standing)
  })

  test('is decided by the program, file by file', async () => {
    const ends = await both()
    const clashes: Array<Clash> = []
    const summary = await summaryOf({
      ...ends,
      conflict: (clash) => {
        clashes.push(clash)
        return nameOf(clash.to) === 'same' ? 'overwrite' : { renameTo: nameOf(clash.to) === 'other' ? 'own' : 'own 2' }
      },
    })
    expect(clashes.map(({ to, existing }) => [to, existing.path])).toEqual(
      expect.arrayContaining([
        ['d/other', 'd/other'],
        ['d/own', 'd/own'],
      ]),
    )
    expect(await contents(ends.to.drive)).toEqual({ 'd/': '', ...standing, 'd/fresh': 'fresh', 'd/own 2': 'new' })
    expect(summary.renamed).toEqual([{ from: 'd/other', to: 'd/own 2' }])
  })

  test('whose decision fails is a failure of that file alone', async () => {
    const ends = await both()
    const summary = await summaryOf({
      ...ends,
      conflict: () => {
        throw new Error('undecided')
      },
    })
    expect(summary).toMatchObject({ files: 1, failures: 2 })
    expect(summary.failed[0]?.error.message).toContain('undecided')
  })

  test('by a file where a directory is to go fails the subtree under ask, and renames it under rename', async () => {
    const from = { drive: await memory({ 'd/e/f': '1', g: '2' }) }
    const refused = await memory({ d: 'a file' })
    const summary = await summaryOf({ from, to: { drive: refused } })
    expect(await contents(refused)).toEqual({ d: 'a file', g: '2' })
    expect(summary.failed).toMatchObject([{ path: 'd', error: { _tag: 'NameConflict', existing: { kind: 'file' } } }])
    expect(summary).toMatchObject({ files: 1, blocked: 2, failures: 1 })

    const renaming = await memory({ d: 'a file' })
    const renamed = await summaryOf({ from, to: { drive: renaming }, conflict: 'rename' })
    const name = renamed.renamed[0]?.to ?? ''
    expect(renamed.renamed).toEqual([{ from: 'd', to: name }])
    expect(await contents(renaming)).toEqual({
      d: 'a file',
      g: '2',
      [`${name}/`]: '',
      [`${name}/e/`]: '',
      [`${name}/e/f`]: '1',
    })
  })

  test('by a directory where a file is to go fails the file under overwrite', async () => {
    const to = await memory({ 'f/': '' })
    const summary = await summaryOf({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: to },
      conflict: 'overwrite',
    })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'NameConflict', existing: { kind: 'directory' } } }])
    expect(await contents(to)).toEqual({ 'f/': '' })
  })

  test('in another case is never overwritten: it may be another file of the source', async () => {
    const from = await memory({ 'A.txt': 'upper', 'a.txt': 'lower' })
    const to = openMemory({ naming: { case: 'insensitive' } })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, conflict: 'overwrite', concurrency: 1 })
    expect(await contents(to)).toEqual({ 'A.txt': 'upper' })
    expect(summary.failed).toMatchObject([{ path: 'a.txt', error: { _tag: 'NameConflict' } }])
  })
})

describe('run again', () => {
  test('with skip it sends nothing twice', async () => {
    const from = await memory({ 'a/b': '1', c: '2' })
    const to = openMemory()
    await summaryOf({ from: { drive: from }, to: { drive: to } })
    const again = await summaryOf({ from: { drive: from }, to: { drive: to }, conflict: 'skip' })
    expect(again).toMatchObject({ files: 0, skipped: 2, identical: 2, failures: 0, bytes: 0 })
  })
})

describe('many files', () => {
  test('are carried a few at a time, and the walk is never far ahead', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`d${i % 30}/f${i}`, `${i}`] as const))
    const from = await memory(files, { limits: { page: 100 } })
    const target = openMemory()
    let under = 0
    let most = 0
    let listed = 0
    let written = 0
    let lead = 0
    const to: typeof target = {
      ...target,
      writeFile: (path, source, options) => async () => {
        most = Math.max(most, ++under)
        await new Promise(setImmediate)
        const answer = await target.writeFile(path, source, options)()
        under -= 1
        written += 1
        return answer
      },
    }
    const counting: typeof from = {
      ...from,
      list: (path, options) => async () => {
        const page = await from.list(path, options)()
        listed += E.isRight(page) ? page.right.items.length : 0
        lead = Math.max(lead, listed - written)
        return page
      },
    }
    const summary = await summaryOf({ from: { drive: counting }, to: { drive: to }, concurrency: 5 })
    expect(summary).toMatchObject({ files: 3000, directories: 30, failures: 0 })
    expect(most).toBe(5)
    expect(lead).toBeLessThan(1300)
    expect(await contents(target)).toEqual(await contents(from))
  })
})

test('of very many failures the first ten thousand are listed, and all are counted', async () => {
  const from = openMemory()
  const files = Object.fromEntries(Array.from({ length: 10_050 }, (_, i) => [`f?${i}`, ''] as const))
  for (const name of Object.keys(files)) await toPromises(from).writeFile(name, '')
  const summary = await summaryOf({ from: { drive: from }, to: { drive: openMemory({ naming: { forbidden: '?' } }) } })
  expect(summary.failures).toBe(10_050)
  expect(summary.failed).toHaveLength(10_000)
})

describe('stopping', () => {
  test('cancelled, it ends as Stopped with what was done, and begins nothing more', async () => {
    const from = await memory(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}`])))
    const to = openMemory()
    const migration = migrate({ from: { drive: from }, to: { drive: to }, concurrency: 2 })
    let settled = 0
    migration.on('settled', () => {
      if (++settled === 10) migration.cancel()
    })
    const ended = await migration.run()
    expect(ended).toMatchObject({ left: { _tag: 'Stopped', summary: { failures: 0 } } })
    const stands = Object.keys(await contents(to)).length
    expect(stands).toBeGreaterThanOrEqual(10)
    expect(stands).toBeLessThan(15)
  })

  test('ends with the caller’s signal, before it begins too', async () => {
    const to = openMemory()
    const ended = await run({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: to },
      signal: AbortSignal.abort(),
    })
    expect(ended).toMatchObject({ left: { _tag: 'Stopped' } })
    expect(await contents(to)).toEqual({})
  })

  test('paused, nothing new begins until it is resumed', async () => {
    const from = await memory(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, `${i}`])))
    const to = openMemory()
    const migration = migrate({ from: { drive: from }, to: { drive: to }, concurrency: 1 })
    let settled = 0
    migration.on('settled', () => {
      if (++settled === 3) migration.pause()
    })
    const ending = migration.run()
    for (let i = 0; i < 200; i++) await new Promise(setImmediate)
    expect(settled).toBe(3)
    migration.resume()
    expect(await ending).toMatchObject({ right: { files: 20 } })
  })

  test('refused credentials end the run, with their error as the cause', async () => {
    const from = await memory(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}`])))
    const to = failing(openMemory(), 'writeFile', (path) => (path === 'f9' ? unauthenticated() : undefined))
    const ended = await run({ from: { drive: from }, to: { drive: to }, concurrency: 1 })
    expect(ended).toMatchObject({ left: { _tag: 'Stopped', cause: { _tag: 'Unauthenticated' } } })
  })

  test('a service that is gone ends the run instead of failing every file', async () => {
    const from = await memory(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, `${i}`])))
    const to = failing(openMemory(), 'writeFile', () => unavailable({ effect: 'none' }))
    const ended = await run({ from: { drive: from }, to: { drive: to } })
    expect(ended).toMatchObject({ left: { _tag: 'Stopped', cause: { _tag: 'Unavailable' } } })
    if (E.isLeft(ended) && ended.left._tag === 'Stopped') expect(ended.left.summary.failures).toBeLessThan(40)
  })
})

test('progress tells what is found, sent and settled', async () => {
  const from = await memory({ a: 'x'.repeat(1000), 'd/b': 'y'.repeat(500) })
  const told: Array<Events['progress']> = []
  const migration = migrate({ from: { drive: from }, to: { drive: openMemory() }, now: () => 1000 })
  const off = migration.on('progress', (progress) => told.push(progress))
  await migration.run()
  expect(told.at(-1)).toEqual({
    startedAt: 1000,
    files: 2,
    bytes: 1500,
    sent: 1500,
    underWay: [],
    settled: 2,
    through: 1500,
    found: { files: 2, bytes: 1500 },
    walked: true,
    timeLeft: 0,
  })
  off()
  const before = told.length
  await migration.run()
  expect(told.length).toBe(before)
})

test('a failure names its path and says what to do', async () => {
  const to = failing(await memory(), 'writeFile', () => network({ effect: 'none' }))
  const failures: Array<Events['failed']> = []
  const migration = migrate({
    from: { drive: await memory({ 'd/f': '1' }) },
    to: { drive: to },
    delay: () => Promise.resolve(),
  })
  migration.on('failed', (failure) => failures.push(failure))
  const ended = await migration.run()
  expect(ended).toMatchObject({ right: { failed: [{ path: 'd/f', error: { _tag: 'Network' } }] } })
  expect(failures.map(({ path }) => showPath(path))).toEqual(['/d/f'])
})
