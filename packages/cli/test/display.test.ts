// What a migration shows of itself: lines of a terminal, and lines of JSON.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import type { DriveError, DrivePath, Environment } from '@anydrive/core'
import { forbidden, locate } from '@anydrive/core/adapter'
import type { Events, Progress, Summary } from '@anydrive/migrate'
import { mkdir, writeFile } from 'node:fs/promises'
import picocolors from 'picocolors'
import { eventLine } from '../src/display/event-line'
import { frame } from '../src/display/frame'
import { showLive } from '../src/display/live'
import { printEvents } from '../src/display/print-events'
import { createMeter, type Traffic } from '../src/display/traffic'
import { createWatch, type View } from '../src/display/view'
import { fitted, padded, widthOf } from '../src/display/width'
import { desk, sink, type Desk } from './command'

const colorless = picocolors.createColors(false)
const colored = picocolors.createColors(true)
const MiB = 2 ** 20

const progress: Progress = {
  startedAt: 0,
  files: 30,
  bytes: 40 * MiB,
  sent: 40 * MiB,
  underWay: [{ path: 'from/Videos/a.mp4' as DrivePath, bytes: 10 * MiB, size: 40 * MiB, since: 50_000 }],
  settled: 40,
  through: 50 * MiB,
  found: { files: 100, bytes: 200 * MiB },
  walked: true,
}
const traffic: Traffic = {
  drive: 'smh',
  requests: 1234,
  rate: 12.34,
  throttled: 3,
  unavailable: 2,
  unanswered: 1,
  repeated: 5,
  waiting: 4,
}
const view: View = {
  base: 'from',
  progress,
  now: 60_000,
  bytes: 5 * MiB,
  files: 2,
  left: 30_000,
  drives: [traffic, { ...traffic, drive: 'koo', throttled: 0, unavailable: 0, unanswered: 0, waiting: 0 }],
  failures: [
    ['Forbidden', 2],
    ['NameConflict', 1],
  ],
}

test('a frame says how far it is, what each drive does, what is under way, and what failed', () => {
  expect(frame(view, { width: 110, height: 20 }, colorless)).toEqual([
    '████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 25 %  1:00 elapsed · 0:30 left',
    '40/100 files · 50 MiB/200 MiB · 5.0 MiB/s · 2.0 files/s · 60 files and 150 MiB remaining',
    'smh         12 requests/s · 3 throttled (429) · 2 unavailable (5xx) · 1 unanswered · 4 waiting · 1234 in total',
    'koo         12 requests/s · 1234 in total',
    expect.stringMatching(/^in progress Videos\/a\.mp4 +███░░░░░░░░░ 10 MiB\/40 MiB 0:10$/),
    'failed      3 · Forbidden 2 · NameConflict 1',
  ])
})

test('before all is found nothing is promised', () => {
  const looking = { ...view, progress: { ...progress, walked: false }, left: undefined }
  const [first, second] = frame(looking, { width: 100, height: 20 }, colorless)
  expect(first).toContain('scanning  1:00 elapsed')
  expect(second).toBe('40/100+ files · 50 MiB/200 MiB+ · 5.0 MiB/s · 2.0 files/s')
  expect(frame({ ...view, progress: undefined, drives: [], failures: [] }, { width: 9, height: 9 }, colorless)).toEqual(
    ['scanning'],
  )
})

test('no line is wider than the terminal, and there are no more than it has', () => {
  const hostile = ['文件'.repeat(60), '👩‍👩‍👧'.repeat(30), `a\u001b[2J\n\u202e${'x'.repeat(200)}`, 'e\u0301'.repeat(90)]
  const underWay = hostile.map((path) => ({ path: path as DrivePath, bytes: 1, size: 0, since: 0 }))
  for (let width = 20; width < 160; width++)
    for (const height of [1, 3, 5, 12]) {
      const lines = frame({ ...view, progress: { ...progress, underWay } }, { width, height }, colorless)
      expect(lines.length).toBeLessThanOrEqual(height)
      for (const line of lines) {
        expect({ line, fits: widthOf(line) <= width }).toEqual({ line, fits: true })
        // eslint-disable-next-line no-control-regex -- they are what must not be there
        expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
      }
    }
})

test('colours come only where they are wanted', () => {
  expect(frame(view, { width: 80, height: 20 }, colorless).join('')).not.toContain('\u001b')
  expect(frame(view, { width: 80, height: 20 }, colored).join('')).toContain('\u001b[31m')
})

test.each([
  ['abc', 3],
  ['文件.txt', 8],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['☁️', 2],
])('%p is %p columns wide', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

test('what does not fit is left out in the middle', () => {
  expect(fitted('directory/file.txt', 12)).toBe('dire…ile.txt')
  expect(fitted('short', 12)).toBe('short')
  expect(padded('文件', 6)).toBe('文件  ')
})

test('requests are counted by drive, and pauses while they last', async () => {
  let now = 0
  const meter = createMeter(() => now)
  const events: Array<unknown> = []
  const smh: Environment = meter.tap('smh', { log: (event) => events.push(event) })
  meter.tap('silent', {})
  const answers: ReadonlyArray<Partial<Record<'status' | 'fault' | 'attempt', number | string>>> = [
    { status: 200, attempt: 1 },
    { status: 429, attempt: 1 },
    { status: 503, attempt: 2 },
    { fault: 'Timeout', attempt: 3 },
  ]
  for (const answer of answers) {
    now += 500
    smh.log?.({ name: 'request', endpoint: 'x', method: 'GET', ms: 1, ...answer })
  }
  smh.log?.({ name: 'something else' })
  expect(events).toHaveLength(5)
  const counts = { drive: 'smh', requests: 4, throttled: 1, unavailable: 1, unanswered: 1, repeated: 2 }
  expect(meter.read()).toEqual([{ ...counts, rate: 2, waiting: 0 }])
  const stop = new AbortController()
  const { delay = () => Promise.reject(new Error('no delay')) } = smh
  const pauses = [delay(1e9, stop.signal), delay(1e9, stop.signal), delay(0, stop.signal)]
  expect(meter.read()[0]?.waiting).toBe(3)
  await pauses[2]
  expect(meter.read()[0]?.waiting).toBe(2)
  stop.abort()
  await Promise.all(pauses)
  now += 10_000
  expect(meter.read()).toEqual([{ ...counts, rate: 0, waiting: 0 }])
})

/** The events of a migration, as this test likes them. */
const played = () => {
  const listeners = new Map<string, Set<(event: never) => void>>()
  const calls: Array<string> = []
  return {
    calls,
    emit: <K extends keyof Events>(name: K, event: Events[K]) => {
      for (const listener of listeners.get(name) ?? []) listener(event as never)
    },
    migration: {
      on: (name: string, listener: (event: never) => void) => {
        const all = listeners.get(name) ?? new Set()
        listeners.set(name, all.add(listener))
        return () => void all.delete(listener)
      },
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
    } as never,
  }
}
const denied: DriveError = locate({ vendor: 'smh', operation: 'readFile', path: 'a' as DrivePath })(
  forbidden({ http: 403, requestId: 'r-1' }),
)

test('rates are of this run, and the time left is the estimate of the engine once everything is found', () => {
  let now = 0
  const { emit, migration } = played()
  const watch = createWatch({ migration, meter: createMeter(), base: '' }, () => now)
  expect(watch.read()).toMatchObject({ bytes: 0, files: 0, left: undefined, failures: [] })
  // An earlier run did this, in no time at all.
  const before = { ...progress, sent: 0, settled: 40, through: 50 * MiB }
  emit('progress', before)
  expect(watch.read().left).toBeUndefined()
  now = 5000
  const after = { ...before, sent: 10 * MiB, settled: 45, through: 60 * MiB, timeLeft: 70_000 }
  emit('progress', { ...after, walked: false })
  expect(watch.read()).toMatchObject({ bytes: 2 * MiB, files: 1, left: undefined })
  emit('progress', after)
  expect(watch.read()).toMatchObject({ bytes: 2 * MiB, files: 1, left: 70_000 })
  emit('failed', { path: 'a' as DrivePath, error: denied })
  emit('failed', { path: 'b' as DrivePath, error: denied })
  expect(watch.read().failures).toEqual([['Forbidden', 2]])
  watch.end()
  emit('failed', { path: 'b' as DrivePath, error: denied })
  expect(watch.read().failures).toEqual([['Forbidden', 2]])
})

test('messages pass above the lines, which are gone at the end, and the cursor is back', () => {
  const out = sink(true)
  const live = showLive(out, () => ['one', 'two'])
  expect(out.text()).toBe('\r\u001b[?25l\u001b[?7lone\u001b[K\ntwo\u001b[K\u001b[J\u001b[?7h\r')
  live.message('a message')
  // It is not drawn more often than five times a second.
  expect(out.text()).not.toContain('a message')
  live.end()
  expect(out.text().endsWith('\r\u001b[1A\u001b[Ja message\n\u001b[?25h')).toBe(true)
})

test('lines that a narrower terminal has wrapped are cleared as well', () => {
  const out = Object.assign(sink(true), { columns: 80 })
  const live = showLive(out, () => ['x'.repeat(70), 'y'.repeat(20)])
  out.columns = 30
  live.end()
  expect(out.text()).toContain('\r\u001b[3A\u001b[J')
})

const of = (line: string): unknown => JSON.parse(line)

test('each event is one line, and says its name first', () => {
  expect(eventLine('progress', view)).not.toContain('\n')
  expect(eventLine('progress', view)).toMatch(/^\{"event":"progress",/)
  expect(of(eventLine('progress', view))).toEqual({
    event: 'progress',
    at: '1970-01-01T00:01:00.000Z',
    filesFound: 100,
    filesSettled: 40,
    filesCarried: 30,
    bytesFound: 200 * MiB,
    bytesSettled: 50 * MiB,
    bytesSent: 40 * MiB,
    walked: true,
    bytesPerSecond: 5 * MiB,
    filesPerSecond: 2,
    secondsLeft: 30,
    underWay: [{ path: '/from/Videos/a.mp4', bytes: 10 * MiB, size: 40 * MiB, since: '1970-01-01T00:00:50.000Z' }],
    drives: [
      {
        drive: 'smh',
        requests: 1234,
        requestsPerSecond: 12.3,
        throttled: 3,
        unavailable: 2,
        unanswered: 1,
        repeated: 5,
        waiting: 4,
      },
      expect.objectContaining({ drive: 'koo' }),
    ],
    failures: { Forbidden: 2, NameConflict: 1 },
  })
  expect(of(eventLine('failed', { path: 'a' as DrivePath, error: denied }))).toEqual({
    event: 'failed',
    path: '/a',
    error: {
      tag: 'Forbidden',
      message: denied.message,
      vendor: 'smh',
      operation: 'readFile',
      http: 403,
      requestId: 'r-1',
      remedy: 'Ask for the permission, or use credentials that have it.',
    },
  })
})

const source = { kind: 'file', path: 'a' as DrivePath, size: 7 } as Events['settled']['source']
test.each([
  [
    {
      status: 'carried',
      to: 'x/a (1)' as DrivePath,
      how: 'renamed',
      bytes: 7,
      proof: { arrival: 'checksum:sha256', departure: 'none' },
    },
    { to: '/x/a (1)', renamed: true, bytes: 7, instant: false, arrival: 'checksum:sha256', departure: 'none' },
  ],
  [
    { status: 'merged', to: 'x' as DrivePath, how: 'as-asked' },
    { to: '/x', renamed: false },
  ],
  [{ status: 'skipped', same: 'sha256' }, { same: 'sha256' }],
  [{ status: 'other', what: 'symlink' }, { what: 'symlink' }],
  [{ status: 'blocked' }, {}],
  [{ status: 'failed', error: denied }, { error: expect.objectContaining({ tag: 'Forbidden' }) as unknown }],
] as const)('an entry settled as %j', (outcome, more) => {
  expect(of(eventLine('settled', { source, outcome }))).toEqual({
    event: 'settled',
    path: '/a',
    kind: 'file',
    size: 7,
    status: outcome.status,
    ...more,
  })
})

test('a decision and the summary are lines as well', () => {
  const clash = { source, existing: source, to: 'x/a' as DrivePath }
  expect(of(eventLine('decided', { clash, decision: { renameTo: 'b' } }))).toEqual({
    event: 'decided',
    path: '/a',
    to: '/x/a',
    decision: 'rename',
    renameTo: 'b',
  })
  expect(of(eventLine('summary', { files: 3, failed: [] as Summary['failed'] } as Summary))).toEqual({
    event: 'summary',
    files: 3,
    failed: [],
  })
})

test('a reader that is slower than the migration holds it back, and loses nothing', async () => {
  const { emit, migration, calls } = played()
  const lines: Array<string> = []
  let read = (): void => undefined
  const line = (text: string): Promise<void> => {
    lines.push(...text.split('\n'))
    return new Promise((resolve) => (read = resolve))
  }
  const end = printEvents({ out: { line } as never, meter: createMeter() }, { migration, base: '' })
  for (let i = 0; i < 1500; i++) emit('settled', { source, outcome: { status: 'blocked' } })
  expect(calls).toContain('pause')
  expect(calls).not.toContain('resume')
  const ended = end()
  while (calls.at(-1) !== 'resume') {
    read()
    await new Promise(setImmediate)
  }
  await ended
  expect(lines).toHaveLength(1501)
  expect(lines.at(-1)).toContain('"event":"progress"')
})

describe('on a terminal', () => {
  let smh: Emulator
  let koo: Emulator
  let here: Desk
  beforeEach(async () => {
    here = await desk()
    smh = await startTencentSmh({ seed: 5, latencyMs: 20 })
    koo = await startKooDrive({ seed: 5, ratePerSecond: 30 })
    await here.configure({ ...smh.configuration, ...koo.configuration })
  })
  afterEach(async () => {
    await smh.close()
    await koo.close()
    await here.clear()
  })

  test('a migration shows what both drives do, and leaves nothing of it but its messages', async () => {
    await mkdir(here.path('tree'))
    for (let i = 0; i < 12; i++) await writeFile(here.path(`tree/f${i}`), Buffer.alloc(1000))
    expect(await here.do('put tree smh:from')).toMatchObject({ code: 0 })
    expect(await here.do('mkdir -p koo:to')).toMatchObject({ code: 0 })
    expect(await here.do('put tree/f1 koo:to')).toMatchObject({ code: 0 })
    const { code, err } = await here.do('migrate smh:from koo:to', { terminal: true, env: { NO_COLOR: '1' } })
    expect(code).toBe(1)
    const frames = err.split('\u001b[?25l')
    expect(frames.length).toBeGreaterThan(2)
    expect(
      frames.some((text) => text.includes('12 files') && /smh .*requests\/s/.test(text) && text.includes('koo ')),
    ).toBe(true)
    // eslint-disable-next-line no-control-regex -- colours are what must not be there
    expect(err).not.toMatch(/\u001b\[\d+m/)
    // eslint-disable-next-line no-control-regex -- the lines are cleared first
    expect(err).toMatch(/\u001b\[J.*failed \/from\/f1: .*\n/)
    expect(err.slice(err.lastIndexOf('\u001b[?25l'))).toContain('\u001b[?25h')
  })
})
