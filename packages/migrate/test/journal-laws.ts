// What every durable journal keeps, and what the next run makes of it: tests for each implementation.
import { toPromises, type DrivePath, type DriveProvider } from '@anydrive/core'
import { unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import type {
  Clash,
  Decision,
  Identity,
  Journal,
  JournalRecord,
  JournalStatus,
  MigrateOptions,
  SeriesPoint,
  Summary,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { at, contents, failing, memory, run, summaryOf } from './drives'

export interface How {
  readonly label?: string | undefined
  readonly retryFailed?: boolean | undefined
  readonly resume?: boolean | undefined
}
export type OpenJournal = Journal & { readonly close: () => void | Promise<void> }
/** One migration for each test. */
export interface JournalHarness {
  readonly open: (how?: How) => Promise<OpenJournal>
  readonly status: () => Promise<Partial<JournalStatus>>
  readonly records: () => Promise<{
    readonly records: ReadonlyArray<JournalRecord>
    readonly samples: ReadonlyArray<SeriesPoint>
    readonly complete: boolean
    readonly identity: Identity
  }>
}

export const item = (path: string, version = '1') => ({ path: at(path), kind: 'file' as const, version })
export const identity: Identity = {
  from: { vendor: 'a', path: at('') },
  to: { vendor: 'b', path: at('') },
  conflict: 'ask',
  names: 'refuse',
  verify: 'stream',
  removeSource: false,
}
export const answered = async <A>(answer: Promise<E.Either<unknown, A>>): Promise<A> => {
  const it = await answer
  if (E.isLeft(it)) throw new Error(JSON.stringify(it.left))
  return it.right
}
export const leased = async (journal: Journal, path: string, version?: string) => {
  const claim = await answered(journal.claim(item(path, version))())
  if (claim.status !== 'leased') throw new Error(claim.status)
  return claim.lease
}
export const carried = {
  status: 'carried',
  to: at('f'),
  how: 'as-asked',
  bytes: 3,
  proof: { arrival: 'size', departure: 'none' },
} as const

/** Writes fail as if this process had been killed: the effect stands, and nothing is journalled after it. */
const killed = (
  drive: DriveProvider,
  dies: (path: DrivePath, before: boolean) => boolean,
  stop: AbortController,
): DriveProvider => ({
  ...drive,
  writeFile: (path, source, options) => async () => {
    if (dies(path, true)) {
      stop.abort()
      return drive.writeFile(path, source, { ...options, signal: stop.signal })()
    }
    const { signal: _signal, onCheckpoint: _checkpoint, ...rest } = options ?? {}
    const written = await drive.writeFile(path, source, rest)()
    if (dies(path, false)) {
      stop.abort()
      return drive.writeFile(path, source, { ...options, signal: stop.signal })()
    }
    return written
  },
})

export const journalLaws = ({ open, status: statusOf, records: recordsOf }: JournalHarness): void => {
  const opened = new Set<OpenJournal>()
  afterEach(async () => {
    for (const journal of opened) await journal.close()
    opened.clear()
  })
  const journalOf = async (how?: How): Promise<OpenJournal> => {
    const journal = await open(how)
    opened.add(journal)
    return journal
  }
  const close = async (journal: OpenJournal): Promise<void> => {
    opened.delete(journal)
    await journal.close()
  }
  /** As another process would, after this one has gone. */
  const within = async (options: Omit<MigrateOptions, 'journal'>, how?: How): Promise<Summary> => {
    const journal = await journalOf(how)
    try {
      return await summaryOf({ ...options, journal })
    } finally {
      await close(journal)
    }
  }

  test('of one migration is refused to another, which is told what differs', async () => {
    const drives = { from: { drive: await memory({ f: '1' }) }, to: { drive: openMemory() } }
    await within({ ...drives, conflict: 'skip' }, { label: 'one' })
    const journal = await journalOf({ label: 'one' })
    expect(await run({ ...drives, conflict: 'rename', journal })).toMatchObject({
      left: { _tag: 'JournalMismatch', message: expect.stringContaining('conflict was skip, now rename') as string },
    })
    await close(journal)
    expect(await run({ ...drives, conflict: 'skip', journal: await journalOf({ label: 'two' }) })).toMatchObject({
      left: { message: expect.stringContaining('another migration: it was one, now two') as string },
    })
  })

  describe('a right', () => {
    test('is on the disk before it is answered', async () => {
      const journal = await journalOf()
      await answered(journal.begin(identity)())
      const lease = await leased(journal, 'f')
      expect(await statusOf()).toMatchObject({ state: 'running', claimed: 1, carried: 0 })
      await answered(journal.settle(lease, carried)())
      expect(await statusOf()).toMatchObject({ claimed: 0, carried: 1, bytes: 3 })
      await answered(journal.end({ complete: true })())
      await close(journal)
      expect(await statusOf()).toMatchObject({ state: 'complete', carried: 1 })
    })

    test('does not hold for another state of the source; its upload is not gone on with', async () => {
      const journal = await journalOf()
      await answered(journal.begin(identity)())
      await answered(journal.settle(await leased(journal, 'f'), carried)())
      const g = await leased(journal, 'g')
      await answered(journal.note(g, { upload: { vendor: 'b', state: 1 } })())
      await answered(journal.release(g)())
      expect(await leased(journal, 'f', '2')).toEqual({ path: 'f', placed: { to: 'f', bytes: 3 }, counted: true })
      expect(await leased(journal, 'g', '2')).toEqual({ path: 'g', interrupted: true })
    })
  })

  describe('the next run', () => {
    test('does not touch what was confirmed, counts it, and retries failures only if told so', async () => {
      const source = await memory({ 'd/f': '1', 'd/g': '2', 'e/h': '3' })
      const target = openMemory()
      let broken = true
      const sent: Array<string> = []
      const to = failing(
        failing(target, 'writeFile', (path) => {
          sent.push(path)
          return broken && path === 'd/g' ? unavailable({ effect: 'none' }) : undefined
        }),
        'createDir',
        (path) => (broken && path === 'e' ? unavailable({ effect: 'none' }) : undefined),
      )
      const drives = { from: { drive: source }, to: { drive: to } }
      expect(await within(drives)).toMatchObject({ files: 1, directories: 1, failures: 2, blocked: 1 })
      expect(await statusOf()).toMatchObject({ state: 'incomplete', failures: 2, blocked: 1 })
      broken = false
      sent.length = 0
      expect(await within(drives)).toMatchObject({ files: 1, directories: 1, failures: 2, blocked: 1 })
      expect(sent).toEqual([])
      expect(await within(drives, { retryFailed: true })).toMatchObject({ files: 3, failures: 0, blocked: 0 })
      expect(sent.sort()).toEqual(['d/g', 'e/h'])
      expect(await statusOf()).toMatchObject({ carried: 3, directories: 2, failures: 0, blocked: 0 })
      expect(await contents(target)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2', 'e/': '', 'e/h': '3' })
    })

    test.each(['ask', 'skip', 'overwrite', 'rename'] as const)(
      'recognizes under %s the file whose answer was lost with the process, and sends the others',
      async (conflict) => {
        const source = await memory({ a: '1', b: '2', c: '3' })
        const target = openMemory()
        const stop = new AbortController()
        const to = killed(target, (path, before) => path === 'b' && !before, stop)
        const journal = await journalOf()
        const first = await run({
          from: { drive: source },
          to: { drive: to },
          conflict,
          journal,
          signal: stop.signal,
          concurrency: 1,
        })
        await close(journal)
        expect(first).toMatchObject({ left: { _tag: 'Stopped' } })
        const standing = await toPromises(target).stat('b')
        const summary = await within({ from: { drive: source }, to: { drive: target }, conflict })
        expect(summary).toMatchObject({ files: 3, failures: 0, renames: 0, skipped: 0 })
        expect(await contents(target)).toEqual({ a: '1', b: '2', c: '3' })
        expect(await toPromises(target).stat('b')).toEqual(standing)
      },
    )

    test('recognizes the free name that the vendor gave, and no file that stood before or belongs to another', async () => {
      const source = await memory({ 'a.txt': 'new', 'b.txt': 'new' })
      const target = await memory({ 'a.txt': 'old', 'a (1).txt': 'new', 'a(1).txt': 'new', 'b.txt': 'old' })
      const stop = new AbortController()
      const to = killed(target, (path, before) => path === 'b.txt' && !before, stop)
      const journal = await journalOf()
      await run({
        from: { drive: source },
        to: { drive: to },
        conflict: 'rename',
        journal,
        signal: stop.signal,
        concurrency: 1,
      })
      await close(journal)
      const before = await contents(target)
      expect(Object.keys(before)).toHaveLength(6)
      const summary = await within({ from: { drive: source }, to: { drive: target }, conflict: 'rename' })
      expect(summary).toMatchObject({ files: 2, renames: 2, failures: 0 })
      expect(new Set(summary.renamed.map(({ to: name }) => name)).size).toBe(2)
      expect(await contents(target)).toEqual(before)
    })

    test('sends again under rename what never arrived, whatever equal files stood before or belong to other entries', async () => {
      const source = await memory({ '0.txt': 'zero', 'a (5).txt': 'new', 'a.txt': 'new' })
      const target = await memory({ '0.txt': 'old', 'a.txt': 'old', 'a (7).txt': 'new' })
      const stop = new AbortController()
      const to = killed(target, (path, before) => path === 'a.txt' && before, stop)
      const options = { from: { drive: source }, conflict: 'rename', concurrency: 1 } as const
      const journal = await journalOf()
      await run({ ...options, to: { drive: to }, journal, signal: stop.signal })
      await close(journal)
      const before = Object.keys(await contents(target))
      expect(before).toHaveLength(5)
      expect(await within({ ...options, to: { drive: target } })).toMatchObject({ files: 3, renames: 2 })
      const after = await contents(target)
      const added = Object.keys(after).filter((name) => !before.includes(name))
      expect(added.map((name) => after[name])).toEqual(['new'])
    })

    test('takes up the directory that was given a free name, instead of making another', async () => {
      const source = await memory({ 'd/f': 'new' })
      const target = await memory({ d: 'a file', 'd (9)/': '' })
      const stop = new AbortController()
      const to: DriveProvider = {
        ...target,
        createDir: (path, options) => async () => {
          const made = await target.createDir(path, options)()
          if (options?.conflict === 'rename') stop.abort()
          return made
        },
      }
      const options = { from: { drive: source }, conflict: 'rename' } as const
      const journal = await journalOf()
      const lost: Journal = { ...journal, settle: (lease) => journal.release(lease) }
      await run({ ...options, to: { drive: to }, journal: lost, signal: stop.signal })
      await close(journal)
      const made = Object.keys(await contents(target))
      expect(made).toHaveLength(3)
      expect(await within({ ...options, to: { drive: target } })).toMatchObject({
        files: 1,
        directories: 1,
        renames: 1,
      })
      const [own] = made.filter((path) => path !== 'd' && path !== 'd (9)/')
      expect(await contents(target)).toEqual({ d: 'a file', 'd (9)/': '', [`${own}`]: '', [`${own}f`]: 'new' })
    })

    test('does not ask again what was decided', async () => {
      const source = await memory({ f: 'new' })
      const target = await memory({ f: 'old' })
      const asked: Array<Clash> = []
      const conflict = (clash: Clash): Decision => {
        asked.push(clash)
        return 'overwrite'
      }
      const stop = new AbortController()
      const to = killed(target, (_, before) => before, stop)
      const journal = await journalOf()
      await run({ from: { drive: source }, to: { drive: to }, conflict, journal, signal: stop.signal })
      await close(journal)
      expect(await contents(target)).toEqual({ f: 'old' })
      expect(await within({ from: { drive: source }, to: { drive: target }, conflict })).toMatchObject({ files: 1 })
      expect(asked).toHaveLength(1)
      expect(await contents(target)).toEqual({ f: 'new' })
    })

    test('removes from the source what the one before carried but did not come to remove', async () => {
      const source = await memory({ 'd/f': '1', 'd/g': '2' })
      const target = openMemory({ checksums: ['sha256'] })
      const stop = new AbortController()
      const options = { from: { drive: source }, removeSource: true, concurrency: 1 }
      const journal = await journalOf()
      const to = killed(target, (path, before) => path === 'd/g' && before, stop)
      await run({ ...options, to: { drive: to }, journal, signal: stop.signal })
      await close(journal)
      expect(Object.keys(await contents(source))).toHaveLength(3)
      expect(await within({ ...options, to: { drive: target } })).toMatchObject({ files: 2, removed: 2 })
      expect(await contents(source)).toEqual({})
      expect(await contents(target)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2' })
    })
  })

  test('records of all runs are told by path, with how fast they came', async () => {
    const from = await memory({ b: 'bb', a: 'a', 'd/c': 'ccc' })
    const target = openMemory()
    let clock = 1000
    const now = () => (clock += 10)
    const refusing = failing(target, 'writeFile', (path) =>
      path === at('b') ? unavailable({ effect: 'none' }) : undefined,
    )
    await run({ from: { drive: from }, to: { drive: refusing }, journal: await journalOf(), now })
    for (const journal of [...opened]) await close(journal)
    await within({ from: { drive: from }, to: { drive: target }, now }, { retryFailed: true })
    const { records, samples, complete, identity: kept } = await recordsOf()
    expect(records).toMatchObject([
      { path: 'a', kind: 'file', outcome: { status: 'carried', bytes: 1 } },
      { path: 'b', kind: 'file', outcome: { status: 'carried', bytes: 2 } },
      { path: 'd', kind: 'directory', outcome: { status: 'made' } },
      { path: 'd/c', kind: 'file', outcome: { status: 'carried', bytes: 3 } },
    ])
    expect({ complete, conflict: kept.conflict }).toEqual({ complete: true, conflict: 'ask' })
    expect(samples.map(({ files, bytes, failures }) => ({ files, bytes, failures }))).toEqual([
      { files: 0, bytes: 0, failures: 0 },
      { files: 2, bytes: 4, failures: 1 },
      { files: 2, bytes: 4, failures: 1 },
      { files: 3, bytes: 6, failures: 1 },
    ])
    expect(new Set(samples.map(({ run: id }) => id)).size).toBe(2)
  })

  test('a migration of a whole drive into a directory continues, and its records begin with the root', async () => {
    const from = await memory({ a: 'one', 'd/b': 'two' })
    const to = openMemory()
    const ends = { from: { drive: from }, to: { drive: to, path: at('copy') } }
    expect(await within(ends)).toMatchObject({ files: 2, earlier: { files: 0, bytes: 0 } })
    await toPromises(from).writeFile('d/c', new TextEncoder().encode('three'))
    expect(await within(ends, { resume: true })).toMatchObject({ files: 3, bytes: 11, earlier: { files: 2, bytes: 6 } })
    const { records } = await recordsOf()
    const paths = records.map(({ path }) => path)
    expect(paths).toEqual(['', 'a', 'd', 'd/b', 'd/c'])
  })
}
