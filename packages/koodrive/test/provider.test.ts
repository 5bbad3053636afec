// The drive as it is opened: what it takes from its environment, and how its own calls name their errors.
import { fromBytes, type DriveError } from '@anydrive/core'
import type { TaskEither } from 'fp-ts/TaskEither'
import { left, p, read, right, startBench, write, type Bench } from './bench'
import { openKooDrive, type KooDrive, type KooDriveInput } from '../src'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

test.each<readonly [string, (drive: KooDrive) => TaskEither<DriveError, unknown>]>([
  ['kooDrive.spaces', (drive) => drive.kooDrive.spaces()],
  ['kooDrive.job', (drive) => drive.kooDrive.job('1')],
  ['createDir', (drive) => drive.kooDrive.createDir(p('d'))],
  ['kooDrive.cancelJob', (drive) => drive.kooDrive.cancelJob('1')],
])('an error of %s says what it is of', async (operation, call) => {
  const drive = bench.open({ auth: { kind: 'token', accessToken: 'wrong' } })
  expect(await left(call(drive), 'Unauthenticated')).toMatchObject({ vendor: 'koodrive', operation })
})

test('it is opened with plain strings for secrets, and nothing else', async () => {
  const drive = openKooDrive(bench.emulator.configuration['koo'] as unknown as KooDriveInput)
  expect(await right(drive.stat(p('')))).toMatchObject({ kind: 'directory', path: '' })
})

describe('waiting', () => {
  test('for a download that broke off takes the pause that is given', async () => {
    const pauses: Array<number> = []
    const delay = (ms: number) => {
      pauses.push(ms)
      return Promise.resolve()
    }
    const drive = bench.open({}, { delay })
    await write(drive, 'f', 'x'.repeat(100_000))
    bench.emulator.faults.next('getObject', 'get')
    expect(await read(drive, 'f')).toHaveLength(100_000)
    expect(pauses).toHaveLength(1)
  })

  test('takes real time where no other is given', async () => {
    const drive = bench.open({ polling: { first: 20 } }, { delay: undefined })
    await write(drive, 'f')
    const from = performance.now()
    await write(drive, 'f', 'new', { conflict: 'overwrite' })
    expect(performance.now() - from).toBeGreaterThan(19)
  })

  test('ends at once with the signal', async () => {
    bench.emulator.behave({ jobLife: { kind: 'polls', polls: 1_000_000, atMostMs: 3_600_000 } })
    const controller = new AbortController()
    const log = (event: object) => {
      if ('endpoint' in event && event.endpoint === 'jobDetail') controller.abort()
    }
    const drive = bench.open({ polling: { first: 60_000 }, grace: 0 }, { delay: undefined, log })
    await write(drive, 'f')
    const overwritten = { conflict: 'overwrite', signal: controller.signal } as const
    const error = await left(drive.writeFile(p('f'), fromBytes('new'), overwritten), 'TaskFailed')
    expect(error.partial).toMatch(/^f\.anydrive-/)
  })
})
