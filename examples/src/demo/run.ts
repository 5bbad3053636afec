// The demo, step by step. Each step says what it did; the last compares every byte.
import {
  child,
  createRegistry,
  DriveException,
  ensureDir,
  entries,
  isAccepted,
  partition,
  path,
  remove,
  requires,
  root,
  walk,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Result,
} from '@anydrive/core'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { kooDrive } from '@anydrive/koodrive'
import { local } from '@anydrive/local'
import { compareTrees, migrate, type End, type Summary } from '@anydrive/migrate'
import { tencentSmh } from '@anydrive/tencent-smh'
import * as E from 'fp-ts/Either'
import { showBytes, table } from './show'

export interface Source {
  /** Under which it stands on the drives. */
  readonly name: string
  readonly folder: string
  /** Names of directories. */
  readonly leaveOut: ReadonlyArray<string>
}
type Say = (line: string) => void

const must = async <A>(task: Result<A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new DriveException(answer.left)
  return answer.right
}

const registry = createRegistry([tencentSmh, kooDrive, local])
const open = (settings: unknown): DriveProvider => {
  const opened = registry.openUnknown(settings)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

const below = (dir: DrivePath, name: string): DrivePath => {
  const joined = child(dir, name)
  if (E.isLeft(joined)) throw new DriveException(joined.left)
  return joined.right
}

interface Row {
  readonly step: string
  readonly files: number
  readonly directories: number
  readonly bytes: number
  readonly seconds: number
  readonly proof: string
}

/** One migration, told in a line; whatever failed or was left out is told too. */
const carry = async (
  say: Say,
  step: string,
  from: End,
  to: End,
  leaveOut: ReadonlyArray<string> = [],
): Promise<{ readonly row: Row; readonly summary: Summary }> => {
  const migration = migrate({
    from,
    to,
    concurrency: 8,
    include: (entry: Entry) => entry.kind !== 'directory' || !leaveOut.includes(entry.name),
  })
  const ended = await migration.run()
  if (E.isLeft(ended)) throw new Error(ended.left.message)
  const summary = ended.right
  for (const failure of summary.failed) say(`  failed: ${failure.error.message}`)
  for (const one of summary.notCarried) say(`  not carried: ${one.path} (${one.what})`)
  const proof = Object.entries(summary.arrivals)
    .map(([how, count]) => `${count} ${how}`)
    .join(', ')
  const row = {
    step,
    files: summary.files,
    directories: summary.directories,
    bytes: summary.bytes,
    seconds: summary.duration / 1000,
    proof,
  }
  say(
    `${step}: ${row.files} files, ${row.directories} directories, ${showBytes(row.bytes)} in ${row.seconds.toFixed(1)} s`,
  )
  return { row, summary }
}

/** copyDir of what was put there, and one batchMove of its top entries. */
const copyAndMove = async (say: Say, drive: DriveProvider): Promise<void> => {
  const started = await must(drive.copyDir(path('original'), path('copy'), { wait: false }))
  const placed = isAccepted(started) ? 'a task of the service' : 'done at once'
  if (isAccepted(started)) await must(settledCopy(drive, started.task))
  say(`copyDir /original → /copy: ${placed}`)
  const tops: Array<Entry> = []
  for await (const one of entries(drive, path('copy'))) if (E.isRight(one)) tops.push(one.right)
  const items = tops.map((entry) => ({ from: entry.path, to: below(path('moved'), entry.name) }))
  const { done, failed } = partition(await must(drive.batchMove(items)))
  say(`batchMove /copy/* → /moved: ${done.length} moved, ${failed.length} failed`)
  for (const outcome of failed) say(`  failed: ${outcome.error.message}`)
  if (failed.length > 0) throw new Error('the batch did not move everything')
}

const settledCopy =
  (drive: DriveProvider, task: Parameters<DriveProvider['task']>[0]): Result<void> =>
  async () => {
    for (;;) {
      const state = await drive.task(task)()
      if (E.isLeft(state)) return state
      if (state.right.status === 'failed') return E.left(state.right.error)
      if (state.right.status === 'settled') return E.right(undefined)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

/** One entry is removed, found in the trash, put back, and found by its name. */
const trashAndRestore = async (say: Say, drive: DriveProvider, dir: DrivePath): Promise<void> => {
  const able = requires('operations.listTrash', 'operations.restore', 'operations.search')(drive)
  if (E.isLeft(able)) throw new DriveException(able.left)
  const { listTrash, restore, search } = able.right
  const [entry] = (await must(drive.list(dir, { limit: 1 }))).items
  if (entry === undefined) return
  await must(remove(drive, entry.path))
  const found = (await must(listTrash())).items.find(({ name }) => name === entry.name)
  if (found === undefined) throw new Error(`/${entry.path} is not in the trash`)
  const { done, failed } = partition(await must(restore([found])))
  for (const outcome of failed) say(`  failed: ${outcome.error.message}`)
  const [restored] = done
  if (restored === undefined) throw new Error(`/${entry.path} was not restored`)
  const { items } = await must(search({ below: dir, name: entry.name }))
  say(
    `trash of ${drive.vendor}: /${entry.path} removed, found there, and restored to /${restored.path}; a search for its name finds ${items.length}`,
  )
}

/** Every difference, told; how many there were, and how many entries were the same. */
const compare = async (
  say: Say,
  what: string,
  a: End,
  b: End,
  leaveOut: ReadonlyArray<string>,
): Promise<{ readonly same: number; readonly different: number }> => {
  let same = 0
  let different = 0
  const leftOut = (entry: Entry): boolean => entry.path.split('/').some((name) => leaveOut.includes(name))
  for await (const one of compareTrees(a, b, { content: true, same: true })) {
    if (E.isLeft(one)) {
      different++
      say(`  ${what}: ${one.left.message}`)
    } else if (one.right.status === 'same') same++
    else if (one.right.status === 'missing' && (one.right.a.kind === 'other' || leftOut(one.right.a))) continue
    else {
      different++
      say(`  ${what}: ${one.right.status} ${one.right.path}`)
    }
  }
  return { same, different }
}

const countOf = async (drive: DriveProvider): Promise<number> => {
  let count = 0
  for await (const one of walk(drive, root)) if (E.isRight(one)) count++
  return count
}

/** 0 if everything came back as it was, else 1. */
export const runDemo = async (sources: ReadonlyArray<Source>, say: Say): Promise<number> => {
  const started = Date.now()
  const secretOfLibrary = 'demo-library-secret'
  const smh = await startTencentSmh({
    strict: true,
    config: { libraries: [{ id: 'smhdemo', secret: secretOfLibrary, spaces: [{ id: 'work' }, { id: 'returned' }] }] },
  })
  const koo = await startKooDrive({ strict: true, config: { behaviour: { jobLife: { kind: 'at-once' } } } })
  try {
    say(`Tencent SMH (emulator): ${smh.url}\nHuawei KooDrive (emulator): ${koo.url}`)
    const smhDrive = (spaceId: string) =>
      open({
        type: 'tencent-smh',
        baseUrl: smh.url,
        libraryId: 'smhdemo',
        spaceId,
        uploadScheme: 'http',
        auth: { kind: 'secret', librarySecret: secretOfLibrary, grant: 'admin', spaceIds: [spaceId] },
      })
    const work = smhDrive('work')
    const returned = smhDrive('returned')
    const between = open(koo.configuration['koo'])
    const rows: Array<Row> = []
    let failures = 0
    const note = ({ row, summary }: { readonly row: Row; readonly summary: Summary }) => {
      rows.push(row)
      failures += summary.failures - summary.others
    }

    for (const { name, folder, leaveOut } of sources) {
      await must(ensureDir(work, path('original')))
      note(
        await carry(
          say,
          `${name} → SMH`,
          { drive: open({ type: 'local', root: folder }) },
          { drive: work, path: below(path('original'), name) },
          leaveOut,
        ),
      )
    }
    await copyAndMove(say, work)
    await trashAndRestore(say, work, path('moved'))
    note(await carry(say, 'SMH → KooDrive', { drive: work }, { drive: between, path: path('from-smh') }))
    await trashAndRestore(say, between, path('from-smh/moved'))
    note(
      await carry(say, 'KooDrive → second SMH space', { drive: between, path: path('from-smh') }, { drive: returned }),
    )

    let same = 0
    let different = 0
    for (const { name, folder, leaveOut } of sources)
      for (const place of [path('original'), path('moved')]) {
        const result = await compare(
          say,
          name,
          { drive: open({ type: 'local', root: folder }) },
          { drive: returned, path: below(place, name) },
          leaveOut,
        )
        same += result.same
        different += result.different
      }
    const counts = [await countOf(work), (await countOf(between)) - 1, await countOf(returned)]
    if (new Set(counts).size !== 1) {
      different++
      say(`  the drives hold different numbers of entries: ${counts.join(', ')}`)
    }
    say('')
    for (const line of table(
      ['step', 'files', 'directories', 'bytes', 'seconds', 'proof'],
      rows.map((r) => [
        r.step,
        String(r.files),
        String(r.directories),
        showBytes(r.bytes),
        r.seconds.toFixed(1),
        r.proof,
      ]),
    ))
      say(line)
    say('')
    const good = different === 0 && failures === 0
    say(
      good
        ? `Not a byte lost: ${same} entries compared with the original, byte by byte, in ${((Date.now() - started) / 1000).toFixed(1)} s.`
        : `${different} differences, ${failures} failures.`,
    )
    return good ? 0 : 1
  } finally {
    await Promise.all([smh.close(), koo.close()])
  }
}
