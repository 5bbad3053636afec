// What the tests of the operations share: a strict emulator, drives on it, and what is read off them.
import {
  createRegistry,
  fromBytes,
  parsePath,
  readText,
  type DriveError,
  type DrivePath,
  type Entry,
  type FaultTag,
  type Environment,
} from '@anydrive/core'
import { startKooDrive, type KooDriveEmulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { kooDrive, type KooDrive } from '../src'

type Config = NonNullable<NonNullable<Parameters<typeof startKooDrive>[0]>['config']>

export interface Bench {
  readonly emulator: KooDriveEmulator
  /** A new drive on the same emulator, with nothing in its cache. */
  readonly open: (settings?: object, environment?: Environment, name?: string) => KooDrive
  /** One that tells, after this many answers of an endpoint of the adapter, before it goes on. */
  readonly openWatched: (endpoint: string, times: number, then: () => void, settings?: object) => KooDrive
  readonly close: () => Promise<void>
}

/** Waiting takes no time in tests, but lets others run. */
const noDelay: NonNullable<Environment['delay']> = () => new Promise((resolve) => setImmediate(resolve))

export interface FakeClock {
  readonly drive: () => number
  readonly service: () => number
  readonly advance: (ms: number) => void
  /** The next request reaches the service this much later, in milliseconds. */
  readonly delayNext: (ms: number) => void
}

/** One clock for the emulator and its drives, which moves only where a test says so. */
export const fakeClock = (): FakeClock => {
  let at = Date.UTC(2026, 0, 1)
  let delay = 0
  return {
    drive: () => at,
    service: () => {
      at += delay
      delay = 0
      return at
    },
    advance: (ms) => void (at += ms),
    delayNext: (ms) => void (delay = ms),
  }
}

export const startBench = async (config: Config = {}, clock?: FakeClock): Promise<Bench> => {
  const emulator = await startKooDrive({ strict: true, config, now: clock?.service })
  const registry = createRegistry([kooDrive])
  const open: Bench['open'] = (settings = {}, environment = {}, name = 'koo') => {
    const configuration = { ...emulator.configuration[name], ...settings }
    const drive = registry.openUnknown(configuration, { delay: noDelay, now: clock?.drive, ...environment })
    if (E.isLeft(drive)) throw new Error(drive.left.message)
    return drive.right as KooDrive
  }
  return {
    emulator,
    open,
    openWatched: (endpoint, times, then, settings) => {
      let left = times
      const log: Environment['log'] = (event) => {
        if (event['endpoint'] === endpoint && --left === 0) then()
      }
      return open(settings, { log })
    },
    close: emulator.close,
  }
}

export const p = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw new Error(parsed.left.message)
  return parsed.right
}

export const right = async <A>(task: TaskEither<DriveError, A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new Error(`${answer.left._tag}: ${answer.left.message}`, { cause: answer.left })
  return answer.right
}

export const left = async <T extends FaultTag>(
  task: TaskEither<DriveError, unknown>,
  tag: T,
): Promise<Extract<DriveError, { readonly _tag: T }>> => {
  const answer = await task()
  if (E.isRight(answer)) throw new Error(`expected ${tag}, got ${JSON.stringify(answer.right)}`)
  if (answer.left._tag !== tag) throw new Error(`expected ${tag}, got ${answer.left._tag}: ${answer.left.message}`)
  return answer.left as Extract<DriveError, { readonly _tag: T }>
}

export const write = (drive: KooDrive, path: string, text = path, options = {}) =>
  right(drive.writeFile(p(path), fromBytes(text), options))

export const read = async (drive: KooDrive, path: string): Promise<string> =>
  right(readText(await right(drive.readFile(p(path)))))

const entriesOf = async (drive: KooDrive, at: DrivePath): Promise<ReadonlyArray<Entry>> => {
  const found: Array<Entry> = []
  let cursor: string | undefined
  do {
    const page = await right(drive.list(at, { cursor, temporaries: 'show' }))
    found.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined)
  const below = found.filter(({ kind }) => kind === 'directory').map(({ path }) => entriesOf(drive, path))
  return [...found, ...(await Promise.all(below)).flat()]
}

/** All paths, temporaries included; directories end in `/`. */
export const tree = async (drive: KooDrive, at = ''): Promise<ReadonlyArray<string>> =>
  (await entriesOf(drive, p(at))).map((entry) => `${entry.path}${entry.kind === 'directory' ? '/' : ''}`).sort()

/** The requests that a piece of work took, by the emulator's names. */
export const counted = async <A>(
  emulator: KooDriveEmulator,
  work: () => Promise<A>,
): Promise<Readonly<Record<string, number>>> => {
  emulator.requests.clear()
  await work()
  return emulator.requests.counts()
}

export const tags = (batch: {
  readonly outcomes: ReadonlyArray<{ readonly status: string; readonly error?: DriveError }>
}) => batch.outcomes.map((outcome) => (outcome.error === undefined ? outcome.status : outcome.error._tag))

/** A request as another client sends it. */
const raw = async ({ emulator }: Bench, method: string, path: string, body?: object): Promise<unknown> => {
  const koo = emulator.configuration['koo'] as { readonly auth: { readonly accessToken: string } }
  const answer = await fetch(`${emulator.url}/koodrive/ose/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${koo.auth.accessToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return answer.json()
}

const containerOf = ({ emulator }: Bench): string => String(emulator.configuration['koo']?.['containerId'])

/** One move job without temporary names, until it is over. */
export const rawMove = async (bench: Bench, fileId: string, target: string): Promise<void> => {
  const containerId = containerOf(bench)
  const taskInfo = { srcContainerId: containerId, newFilePath: target, fileInfo: [{ fileId }] }
  const job = { taskType: 3, actionType: 301, dstContainerId: containerId, taskInfo }
  const { data } = (await raw(bench, 'POST', 'jobs', job)) as { data: string }
  for (;;) {
    const looked = (await raw(bench, 'GET', data)) as { data: { jobInfo: { status: number } } }
    if (looked.data.jobInfo.status > 1) return
  }
}

/** An upload that is begun and never completed: it holds its name, and nobody sees it. */
export const hold = async (bench: Bench, fileName: string, parent = 'root'): Promise<void> => {
  const multiParts = [{ partNumber: 1, partSize: 1 }]
  const containerId = containerOf(bench)
  const file = { containerId, fileName, fileType: '45', parentFolder: [parent], length: 1, autoRename: 3, multiParts }
  await raw(bench, 'POST', 'files/create', file)
}

/** What the service shows as the descriptions of these paths. */
export const descriptions = async (bench: Bench, paths: ReadonlyArray<string>): Promise<ReadonlyArray<unknown>> =>
  Promise.all(
    paths.map(async (path) => {
      const { id } = await right(bench.open().stat(p(path)))
      const body = { containerId: containerOf(bench) }
      return ((await raw(bench, 'POST', `files/${String(id)}/detail`, body)) as { description?: string }).description
    }),
  )

/** Cancels all jobs that are not over, as another client does. */
export const cancelAll = async (bench: Bench, drive: KooDrive): Promise<void> => {
  const { data } = (await raw(bench, 'GET', 'jobs?offset=0&limit=100')) as { data: ReadonlyArray<{ taskId: string }> }
  for (const { taskId } of data) await drive.kooDrive.cancelJob(taskId)()
}
