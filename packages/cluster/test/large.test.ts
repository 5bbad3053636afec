// One directory of 200,000 files: it is listed by one worker while others transfer its files, and few jobs wait.
import { layer, type DriveProvider, type Entry } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { at, memory } from '../../migrate/test/drives'
import { rightOf, startEngine, until, type Engine, type Site } from './engine'
import { whereInstalled } from './postgres'

const files = 200_000
const page = 1000
/** The listing is far from its end by then: so many files are transferred, and then the migration is cancelled. */
const enough = 5000
const concurrency = 8
/** Of both workers. */
const jobsAtOnce = 2 * (concurrency / 2)

whereInstalled('a directory of 200,000 files', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.close())

  /** Every file of the directory is the one file that it has; counts the pages that were listed. */
  const large = async (): Promise<{ readonly drive: DriveProvider; readonly pages: () => number }> => {
    let pages = 0
    const only = at('large/only')
    const drive = layer(await memory({ [only]: 'content' }), {
      list: (next) => (path, options) => async () => {
        const listed = await next(path, path === 'large' ? {} : options)()
        if (path !== 'large' || E.isLeft(listed)) return listed
        pages += 1
        const first = Number(options?.cursor ?? 0)
        const [file] = listed.right.items
        if (file === undefined) return listed
        const items = Array.from({ length: page }, (_, i): Entry => {
          const name = `f${first + i}`
          return { ...file, path: at(`large/${name}`), name }
        })
        const end = first + page
        return E.right(end < files ? { items, next: String(end) } : { items })
      },
      stat: (next) => (path, options) => next(path.startsWith('large/') ? only : path, options),
      readFile: (next) => (path, options) => next(path.startsWith('large/') ? only : path, options),
    })
    return { drive, pages: () => pages }
  }

  test('is transferred by all workers while one lists it', async () => {
    const { drive, pages } = await large()
    const site: Site = { name: 'large', from: drive, to: openMemory() }
    const { migration } = await engine.submit(site)
    const stop = new AbortController()
    const workers = [engine.work(site, stop, [], { concurrency }), engine.work(site, stop, [], { concurrency })]
    let most = 0
    const transferred = async (): Promise<ReadonlyArray<number>> => {
      most = Math.max(most, await engine.queue.size(migration))
      const { rows } = await engine.database.query<{ readonly n: number }>(
        "SELECT count(*)::integer AS n FROM anydrive.entries WHERE migration = $1 AND status = 'carried' GROUP BY holder",
        [migration],
      )
      return rows.map(({ n }) => n)
    }
    await until(async () => (await transferred()).reduce((sum, n) => sum + n, 0) >= enough)
    const byWorker = await transferred()
    const listed = pages()
    rightOf(await engine.migrations.cancel('large'))
    stop.abort()
    for (const worker of workers) rightOf(await worker)
    expect(byWorker).toHaveLength(2)
    for (const n of byWorker) expect(n).toBeGreaterThan(enough / 10)
    // Far from the end, and not far ahead of what is transferred.
    expect(listed).toBeLessThanOrEqual(Math.ceil((enough + jobsAtOnce * 200) / page) + 2)
    // The jobs under way, the files of one directory job, and its continuation.
    expect(most).toBeLessThanOrEqual(jobsAtOnce + page / 200 + 1)
  })
})
