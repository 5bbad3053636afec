// The small mechanisms that adapters share.
import { mayHaveHappened, type DrivePath, type Entry } from '@anydrive/core'
import { nameConflict, network, notFound, unavailable } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import {
  cutToLength,
  findingOfCreated,
  groupBy,
  keyedMutex,
  mapLimit,
  mapLimitEither,
  neverAborted,
  numberedName,
  replaceFile,
  serviceClock,
  singleFlight,
  temporaryFor,
  uniqueTemporary,
  withGracePeriod,
  type Failure,
} from '../src'

/** A promise and what settles it. */
const deferred = <A>() => {
  let resolve: (a: A) => void = () => undefined
  const promise = new Promise<A>((done) => (resolve = done))
  return { promise, resolve }
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('mapLimit', () => {
  test('keeps the order of the items, and never runs more than the limit at once', async () => {
    let running = 0
    let most = 0
    const results = await mapLimit([5, 4, 3, 2, 1], 2, async (n, i) => {
      most = Math.max(most, ++running)
      for (let turns = 0; turns < n; turns++) await turn()
      running--
      return `${n}:${i}`
    })
    expect(results).toEqual(['5:0', '4:1', '3:2', '2:3', '1:4'])
    expect(most).toBe(2)
    expect(await mapLimit([], 4, () => Promise.resolve(1))).toEqual([])
  })

  test('of results that can be a left starts nothing after a left', async () => {
    const started: Array<number> = []
    const result = await mapLimitEither([1, 2, 3, 4], 1, (n) => {
      started.push(n)
      return Promise.resolve(n === 2 ? E.left(n) : E.right(n))
    })
    expect(result).toEqual(E.left(2))
    expect(started).toEqual([1, 2])
    expect(await mapLimitEither([1, 2], 2, (n) => Promise.resolve(E.right(n * 2)))).toEqual(E.right([2, 4]))
  })
})

test('groupBy keeps the order of the keys and of the items', () => {
  expect(groupBy(['b1', 'a1', 'b2'], (s) => s.charAt(0))).toEqual([['b1', 'b2'], ['a1']])
})

describe('keyedMutex', () => {
  test('runs tasks of one key one after another, those of others at once', async () => {
    const mutex = keyedMutex()
    const log: Array<string> = []
    const gate = deferred<undefined>()
    const task = (name: string, wait?: Promise<unknown>) => async () => {
      log.push(`${name} starts`)
      await wait
      log.push(`${name} ends`)
      return E.right(name)
    }
    const first = mutex('a', task('first', gate.promise))()
    const second = mutex('a', task('second'))()
    const other = mutex('b', task('other'))()
    await other
    expect(log).toEqual(['first starts', 'other starts', 'other ends'])
    gate.resolve(undefined)
    await Promise.all([first, second])
    expect(log.slice(3)).toEqual(['first ends', 'second starts', 'second ends'])
  })

  test('goes on after a task that rejects', async () => {
    const mutex = keyedMutex()
    const failing = mutex('a', () => Promise.reject(new Error('defect')))()
    const next = mutex('a', TE.right(1))()
    await expect(failing).rejects.toThrow('defect')
    expect(await next).toEqual(E.right(1))
  })
})

describe('singleFlight', () => {
  test('shares one run, and starts another once it has ended', async () => {
    const join = singleFlight<number>()
    const gate = deferred<E.Either<Failure, number>>()
    let runs = 0
    const run = () => () => {
      runs++
      return gate.promise
    }
    const both = [join('a', neverAborted, run)(), join('a', neverAborted, run)()]
    gate.resolve(E.right(7))
    expect(await Promise.all(both)).toEqual([E.right(7), E.right(7)])
    await join('a', neverAborted, run)()
    expect(runs).toBe(2)
  })

  test('aborts the run only when no caller waits any more', async () => {
    const join = singleFlight<number>()
    let its: AbortSignal | undefined
    const run = (signal: AbortSignal) => () => {
      its = signal
      return new Promise<E.Either<Failure, number>>(() => undefined)
    }
    const [a, b] = [new AbortController(), new AbortController()]
    const first = join('a', a.signal, run)()
    const second = join('a', b.signal, run)()
    a.abort()
    expect(await first).toMatchObject(E.left({ _tag: 'Aborted', effect: 'none' }))
    expect(its?.aborted).toBe(false)
    b.abort()
    await second
    expect(its?.aborted).toBe(true)
  })
})

test('withGracePeriod gives a signal that aborts later than the caller’s', async () => {
  const controller = new AbortController()
  const result = await withGracePeriod(
    controller.signal,
    (later) => async () => {
      controller.abort()
      expect(later.aborted).toBe(false)
      await new Promise<void>((resolve) => later.addEventListener('abort', () => resolve(), { once: true }))
      return E.right(later.aborted)
    },
    1,
  )()
  expect(result).toEqual(E.right(true))
})

describe('names', () => {
  const bytes = { max: 12, unit: 'bytes' } as const

  test.each([
    ['日本語', { max: 7, unit: 'bytes' }, '日本'],
    ['👍👍', { max: 3, unit: 'utf16' }, '👍'],
    ['👍👍', { max: 1, unit: 'codepoints' }, '👍'],
    ['abc', { max: 9, unit: 'bytes' }, 'abc'],
  ] as const)('%s cut to %j is %s: no character is split', (text, limit, expected) => {
    expect(cutToLength(text, limit)).toBe(expected)
  })

  test.each([
    ['a.txt', 'file', 'a (1).txt'],
    ['long-name.txt', 'file', 'long (1).txt'],
    ['.hidden', 'file', '.hidden (1)'],
    ['v1.2', 'directory', 'v1.2 (1)'],
    ['a.long-extension', 'file', 'a.long-e (1)'],
  ] as const)('%s as a %s numbered is %s', (name, kind, expected) => {
    const numbered = numberedName(name, kind, 1, bytes)
    expect(numbered).toBe(expected)
    expect(Buffer.byteLength(numbered)).toBeLessThanOrEqual(bytes.max)
  })

  test('temporary names fit, are the same for the same use, and others with a salt', () => {
    const target = `d/${'日'.repeat(90)}` as DrivePath
    const limit = { max: 80, unit: 'codepoints' } as const
    const name = temporaryFor(target, 'old', limit)
    expect(Array.from(name)).toHaveLength(80)
    expect(name).toMatch(/\.anydrive-[0-9a-f]{12}$/)
    expect(temporaryFor(target, 'old', limit)).toBe(name)
    expect(temporaryFor(target, 'old', limit, 'x')).not.toBe(name)
    expect(uniqueTemporary(target, { max: 255, unit: 'bytes' })).not.toBe(
      uniqueTemporary(target, { max: 255, unit: 'bytes' }),
    )
  })
})

describe('the service’s clock', () => {
  const date = (ms: number) => new Date(ms).toUTCString()
  const at = (ms: number) => new Date(ms)
  const base = Date.UTC(2026, 0, 1)
  const exchanged = (shown: string, sentAt: number, receivedAt: number) => ({
    ...{ header: (name: string) => (name === 'date' ? shown : undefined), sentAt, receivedAt },
  })

  test('tells before from after only where the one-second header permits it', () => {
    const clock = serviceClock()
    expect(clock.compare(at(base), base)).toBe('unclear')
    clock.observe(exchanged(date(base), base, base + 10))
    // The header was written between base and base + 999 of the service’s clock.
    expect(clock.compare(at(base + 1500), base + 10)).toBe('after')
    expect(clock.compare(at(base + 501), base + 10)).toBe('unclear')
    expect(clock.compare(at(base - 1), base + 10)).toBe('before')
    // A time of whole seconds may be any time within its second.
    expect(clock.compare(at(base - 1000), base + 10)).toBe('before')
    expect(clock.compare(at(base), base + 10)).toBe('unclear')
    expect(clock.compare(undefined, base)).toBe('unclear')
  })

  test('each exchange narrows the bounds; a clock that was set is followed', () => {
    const clock = serviceClock()
    clock.observe(exchanged(date(base), base + 900, base + 905))
    clock.observe(exchanged(date(base + 2000), base + 2010, base + 2015))
    expect(clock.compare(at(base + 3101), base + 3000)).toBe('after')
    expect(clock.compare(at(base + 2900), base + 3000)).toBe('before')
    clock.observe(exchanged(date(base + 90_000), base + 4000, base + 4010))
    expect(clock.compare(at(base + 92_000), base + 4500)).toBe('after')
    clock.observe(exchanged('no date', 0, 1))
    expect(clock.compare(at(base + 92_000), base + 4500)).toBe('after')
  })

  test('what was created after the request is ours, what before is not', () => {
    const clock = serviceClock()
    clock.observe(exchanged(date(base), base, base + 10))
    const found = { kind: 'directory', path: 'a' as DrivePath, name: 'a' } as const
    const finding = (created: Date | undefined) =>
      findingOfCreated(clock, { found, created, value: 1 }, { at: base + 10, unknown: true })
    expect(finding(at(base + 5000))).toEqual({ is: 'done', value: 1 })
    expect(finding(at(base - 5000))).toEqual({ is: 'refused', fault: nameConflict({ existing: found }) })
    expect(finding(undefined)).toEqual({ is: 'unproven', found, likely: 'done' })
  })
})

describe('replaceFile', () => {
  const path = (p: string) => p as DrivePath
  const fileAt = (p: string): Entry => ({ kind: 'file', path: path(p), name: p, size: 1, checksums: {} })

  /** A directory of files; `fail` decides which step fails, before or after its effect. */
  const run = async (
    names: Record<string, string>,
    fail: (step: string) => Failure | undefined = () => undefined,
    signal = neverAborted,
  ) => {
    const files = new Map(Object.entries(names))
    const result = await replaceFile<string>(
      {
        existing: () => () => {
          const id = files.get('t')
          return Promise.resolve(
            E.right(
              id === undefined
                ? undefined
                : { handle: id, entry: id === 'dir' ? { kind: 'directory', path: path('t'), name: 't' } : fileAt('t') },
            ),
          )
        },
        rename: (id, from, to) => () => {
          const fault = fail(`${id}: ${from} → ${to}`)
          if (fault !== undefined) return Promise.resolve(E.left(fault))
          if (files.get(from) !== id) return Promise.resolve(E.left(notFound({ what: 'source' })))
          if (files.has(to)) return Promise.resolve(E.left(nameConflict()))
          files.delete(from)
          files.set(to, id)
          return Promise.resolve(E.right(undefined))
        },
        remove: (id, at) => () => {
          const fault = fail(`remove ${id}`)
          if (fault !== undefined) return Promise.resolve(E.left(fault))
          files.delete(at)
          return Promise.resolve(E.right(undefined))
        },
      },
      { incoming: { handle: 'new', path: path('in') }, target: path('t'), temporaryNames: ['old-1', 'old-2'], signal },
    )()
    return { result, files: Object.fromEntries(files) }
  }

  test('replaces the file, or takes a free name', async () => {
    const replaced = await run({ in: 'new', t: 'old' })
    expect(replaced.result).toEqual(E.right({ path: 't', how: 'as-asked', replaced: true }))
    expect(replaced.files).toEqual({ t: 'new' })
    const free = await run({ in: 'new' })
    expect(free.result).toEqual(E.right({ path: 't', how: 'as-asked', replaced: false }))
  })

  test('never replaces a directory', async () => {
    const { result, files } = await run({ in: 'new', t: 'dir' })
    expect(result).toMatchObject(E.left({ _tag: 'NameConflict', existing: { kind: 'directory' } }))
    expect(files).toEqual({ in: 'new', t: 'dir' })
  })

  test('does not touch a temporary that another operation left', async () => {
    const { result, files } = await run({ in: 'new', t: 'old', 'old-1': 'other' })
    expect(E.isRight(result)).toBe(true)
    expect(files).toEqual({ t: 'new', 'old-1': 'other' })
  })

  test('rolls back when the new file cannot take the name', async () => {
    const gone = unavailable({ effect: 'none' })
    const { result, files } = await run({ in: 'new', t: 'old' }, (step) => (step.startsWith('new') ? gone : undefined))
    expect(result).toEqual(E.left(gone))
    expect(files).toEqual({ in: 'new', t: 'old' })
  })

  test('says where the old file is when it cannot be rolled back', async () => {
    const { result, files } = await run({ in: 'new', t: 'old' }, (step) =>
      step.startsWith('new') || step === 'old: old-1 → t' ? unavailable({ effect: 'none' }) : undefined,
    )
    expect(result).toMatchObject(E.left({ _tag: 'TaskFailed', partial: 'old-1' }))
    expect(files).toEqual({ in: 'new', 'old-1': 'old' })
  })

  test('says where the old file is when it cannot be removed', async () => {
    const { result, files } = await run({ in: 'new', t: 'old' }, (step) =>
      step.startsWith('remove') ? network({ effect: 'none' }) : undefined,
    )
    expect(result).toMatchObject(E.left({ _tag: 'TaskFailed', partial: 'old-1' }))
    expect(files).toEqual({ t: 'new', 'old-1': 'old' })
  })

  test('an unknown outcome of the last rename is not undone', async () => {
    const { result, files } = await run({ in: 'new', t: 'old' }, (step) =>
      step.startsWith('new') ? network({ effect: 'unknown' }) : undefined,
    )
    expect(E.isLeft(result) && mayHaveHappened(result.left)).toBe(true)
    expect(result).toMatchObject(E.left({ _tag: 'Indeterminate', check: '/t, /old-1 and /in' }))
    expect(files).toEqual({ in: 'new', 'old-1': 'old' })
  })

  test('an abort during the steps does not leave them half done', async () => {
    const controller = new AbortController()
    const { result, files } = await run(
      { in: 'new', t: 'old' },
      () => {
        controller.abort()
        return undefined
      },
      controller.signal,
    )
    expect(E.isRight(result)).toBe(true)
    expect(files).toEqual({ t: 'new' })
  })
})
