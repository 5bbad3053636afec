// Throughput by number of workers, where the time of the services counts and not that of this machine.
import { layer, type DriveProvider } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { setTimeout as delay } from 'node:timers/promises'
import { contents, memory } from '../../migrate/test/drives'
import { rightOf, startEngine, type Engine, type Site } from './engine'
import { whereInstalled } from './postgres'

/** Milliseconds of one request. */
const latency = 50
/** Of a small file at KooDrive; every other call is one request. */
const requestsToWrite = 4
const directories = 16
const filesOfEach = 10
/** Files at once of each worker: few, so that this machine has little to do. */
const concurrency = 1
const rounds = 4

const slow = (drive: DriveProvider): DriveProvider =>
  layer(drive, {
    '*':
      (next, { operation }) =>
      async () => {
        await delay(latency * (operation === 'writeFile' ? requestsToWrite : 1))
        return next()()
      },
  })

whereInstalled('throughput at 50 ms of latency', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.close())

  /** Milliseconds. */
  const timeOf = async (name: string, count: number, source: DriveProvider): Promise<number> => {
    const target = openMemory()
    const site: Site = { name, from: slow(source), to: slow(target) }
    const stop = new AbortController()
    await engine.submit(site)
    const start = performance.now()
    const workers = Array.from({ length: count }, () => engine.work(site, stop, [], { concurrency }))
    await engine.ended(site.name)
    const time = performance.now() - start
    stop.abort()
    for (const worker of workers) rightOf(await worker)
    expect(await contents(target)).toEqual(await contents(source))
    return time
  }

  test(
    'grows with the number of workers: 1.8 times with two, 3 times with four',
    async () => {
      const files: Record<string, string> = {}
      for (let i = 0; i < directories * filesOfEach; i++) files[`d${i % directories}/f${i}`] = `${i}`
      const source = await memory(files)
      // Other work on the machine makes a time longer and never shorter, so the least of each is compared.
      const least = { one: Infinity, two: Infinity, four: Infinity }
      const grows = (): boolean => least.one / least.two >= 1.8 && least.one / least.four >= 3
      for (let round = 0; round < rounds && !grows(); round++) {
        const measure = async (count: number): Promise<number> => timeOf(`${count} in round ${round}`, count, source)
        least.two = Math.min(least.two, await measure(2))
        least.four = Math.min(least.four, await measure(4))
        least.one = Math.min(least.one, await measure(1))
      }
      const { one, two, four } = least
      if (process.env['ANYDRIVE_FIGURES'] !== undefined)
        process.stderr.write(`${[one, two, four].map((ms) => (ms / 1000).toFixed(1)).join(' s, ')} s\n`)
      expect(grows() ? 'grows' : least).toBe('grows')
    },
    rounds * 300_000,
  )
})
