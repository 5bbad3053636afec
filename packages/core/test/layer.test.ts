// Layers around a drive, and members that only one vendor has.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import {
  layer,
  path,
  root,
  toPromises,
  withSignal,
  type Accepted,
  type Waited,
  type BatchOutcome,
  type CallOptions,
  type ConflictOptions,
  type DrivePath,
  type LayerOfAll,
  type MoveItem,
  type Placed,
  type Result,
  type WaitOptions,
} from '../src'
import { forbidden, locate, type MemberDrive } from '../src/adapter'
import { toy } from './toy'

interface LabelledItem extends MoveItem {
  readonly label?: string | undefined
}
interface Labelled {
  readonly outcomes: ReadonlyArray<BatchOutcome<LabelledItem, Placed & { readonly label?: string }>>
}
interface Shelf {
  readonly batchMove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<LabelledItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<Labelled, 'batchMove', W>>
  readonly count: (dir: DrivePath, options?: CallOptions) => Result<number>
  readonly seal: (seal: { readonly until: Date; readonly on: DrivePath }, options?: CallOptions) => Result<string>
}

/** A vendor whose moves carry a label, and which can seal its shelf. */
const shelf = (start: Record<string, string | null> = { a: '1', b: '2', d: null }) => {
  const sealed: Array<string> = []
  const it = toy(start, {
    itemFields: ['label'],
    members: (drive: MemberDrive): { readonly shelf: Shelf } => ({
      shelf: {
        batchMove: (items, options) => drive.batchMove(items, options),
        count: (dir, options) =>
          TE.map((page: { items: ReadonlyArray<unknown> }) => page.items.length)(drive.list(dir, options)),
        seal: ({ until, on }, options) =>
          drive.vendorCall({ operation: 'shelf.seal', changes: true }, options, ({ signal }) => () => {
            sealed.push(`${on} ${until.toISOString()} ${signal.aborted}`)
            return Promise.resolve(sealed.length > 1 ? E.left(forbidden()) : E.right('sealed'))
          }),
      },
    }),
  })
  const original = it.operations.batchMove
  it.operations.batchMove = (items, call) =>
    TE.map(
      (outcomes: Awaited<ReturnType<ReturnType<typeof original>>> extends E.Either<unknown, infer R> ? R : never) =>
        'state' in outcomes
          ? outcomes
          : outcomes.map((o, i) => {
              const label = (items[i] as LabelledItem | undefined)?.label
              return o.status === 'done' && label !== undefined ? { ...o, label } : o
            }),
    )(original(items, call))
  return { ...it, sealed }
}
const until = new Date('2030-01-02T03:04:05Z')
const right = async <A>(task: Result<A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

describe('a layer', () => {
  test('is around one verb, and leaves the others alone', async () => {
    const { drive, calls } = toy({ a: '1', b: '2' })
    const found = new Map<DrivePath, Result<unknown>>()
    const cached = layer(drive, {
      stat: (next) => (at, options) => {
        const known = found.get(at) as ReturnType<typeof next> | undefined
        if (known !== undefined) return known
        const result = next(at, options)()
        found.set(at, () => result)
        return () => result
      },
    })
    for (const at of [path('a'), path('a'), path('b')]) await right(cached.stat(at))
    await right(cached.list(root))
    expect(calls).toEqual(['stat a', 'stat b', 'list  3'])
  })

  test('around every verb sees its name, its arguments and its options, and may change them', async () => {
    const { drive } = toy({ a: '1' })
    const seen: Array<string> = []
    const log: LayerOfAll =
      (next, { operation, changes, inputs, options }) =>
      async () => {
        const result = await next({ ...options, timeout: 50 })()
        seen.push(`${operation} ${changes} ${JSON.stringify(inputs)} ${JSON.stringify(options)} ${result._tag}`)
        return result
      }
    const logged = layer(drive, { '*': log, usage: (next) => next })
    await logged.stat(path('a'))()
    await logged.copyDir(path('a'), path('b'), { parents: 'require' })()
    await logged.batchRemove([path('x')])()
    await logged.usage()()
    expect(seen).toEqual([
      'stat false ["a"] {} Right',
      'copyDir true ["a","b"] {"parents":"require"} Right',
      'batchRemove true [["x"]] {} Right',
    ])
  })

  test('may refuse every change, also those of members', async () => {
    const { drive, calls, sealed } = shelf()
    const readOnly = layer(drive, {
      '*': (next, { operation, changes }) =>
        changes ? TE.left(locate({ vendor: 'toy', operation })(forbidden())) : next(),
    })
    const refused = { left: { _tag: 'Forbidden' } }
    expect(await readOnly.createDir(path('x'))()).toMatchObject(refused)
    expect(await readOnly.shelf.batchMove([{ from: path('a'), to: path('x') }])()).toMatchObject(refused)
    expect(await readOnly.shelf.seal({ until, on: path('a') })()).toMatchObject({
      left: { _tag: 'Forbidden', operation: 'shelf.seal' },
    })
    expect(await readOnly.shelf.count(root)()).toEqual(E.right(3))
    expect([calls, sealed]).toEqual([['list  3'], []])
  })

  test('around a layer is the outer one, for verbs and members', async () => {
    const order: Array<string> = []
    const named =
      (name: string): LayerOfAll =>
      (next, { operation }) =>
      async () => {
        order.push(`${name} ${operation}`)
        return next()()
      }
    const { drive } = shelf()
    const twice = layer(layer(drive, { '*': named('inner') }), { '*': named('outer') })
    await right(twice.shelf.count(root))
    await right(twice.shelf.seal({ until, on: path('a') }))
    expect(order).toEqual(['outer list', 'inner list', 'outer shelf.seal', 'inner shelf.seal'])
  })

  test('holds where a program spread the drive and replaced a verb', async () => {
    const { drive, calls } = shelf()
    const spread = {
      ...drive,
      batchMove: (() =>
        TE.left(locate({ vendor: 'x', operation: 'batchMove' })(forbidden()))) as typeof drive.batchMove,
    }
    const layered = layer(spread, {})
    expect(await layered.shelf.batchMove([{ from: path('a'), to: path('x') }])()).toMatchObject({
      left: { _tag: 'Forbidden' },
    })
    expect(calls).toEqual([])
  })
})

describe('withSignal', () => {
  test('once aborted, nothing is sent, not even by members', async () => {
    const { drive, calls, sealed } = shelf()
    const ended = withSignal(AbortSignal.abort())(drive)
    for (const task of [
      ended.stat(path('a')),
      ended.readFile(path('a')),
      ended.batchMove([{ from: path('a'), to: path('x') }]),
      ended.shelf.batchMove([{ from: path('a'), to: path('x') }]),
      ended.shelf.count(root),
      ended.shelf.seal({ until, on: path('a') }),
      ended.usage(),
    ] as ReadonlyArray<Result<unknown>>)
      expect(await task()).toMatchObject({ left: { _tag: 'Aborted', effect: 'none' } })
    expect([calls, sealed]).toEqual([[], []])
  })
  test('joins the caller’s own signal, and lets go of both', async () => {
    const { drive } = shelf()
    const outer = new AbortController()
    const bound = withSignal(outer.signal)(drive)
    expect(await bound.shelf.seal({ until, on: path('a') }, { signal: AbortSignal.abort() })()).toMatchObject({
      left: { _tag: 'Aborted' },
    })
    expect(await right(bound.shelf.count(root, { signal: new AbortController().signal }))).toBe(3)
    const content = await right(bound.readFile(path('a')))
    outer.abort()
    await expect(content.stream.toArray()).resolves.toHaveLength(1)
  })
})

describe('members', () => {
  test('take fields of their own with each item, and give them back', async () => {
    const { drive } = shelf()
    const moved = await right(
      drive.shelf.batchMove([
        { from: path('a'), to: path('x'), label: 'red' },
        { from: path('b'), to: path('y') },
        { from: path('a'), to: path('x'), label: 'blue' },
      ]),
    )
    expect(moved.outcomes.map((o) => (o.status === 'done' ? [o.path, o.label, o.item.label] : o.error._tag))).toEqual([
      ['x', 'red', 'red'],
      ['y', undefined, undefined],
      'NotFound',
    ])
  })
  test('keep those fields in the reference of a task', async () => {
    const it = shelf()
    it.operations.batchMove = () => TE.right({ state: 1 })
    it.operations.task = () =>
      TE.right({ status: 'settled', result: [{ status: 'done', path: path('x'), how: 'as-asked' }] })
    const junk = { from: path('a'), to: path('x'), label: 'red', other: () => undefined }
    const accepted = await right(it.drive.shelf.batchMove([junk], { wait: false }))
    if (!('task' in accepted)) throw new Error('a task was expected')
    expect(await right(it.drive.task(accepted.task))).toMatchObject({
      result: { outcomes: [{ item: { from: 'a', to: 'x', label: 'red' } }] },
    })
    expect(JSON.stringify(accepted.task)).not.toContain('other')
  })
  test('run their own requests within time-outs, and their errors say where they happened', async () => {
    const { drive } = shelf()
    expect(await right(drive.shelf.seal({ until, on: path('a') }))).toBe('sealed')
    expect(await drive.shelf.seal({ until, on: path('a') })()).toMatchObject({
      left: {
        _tag: 'Forbidden',
        vendor: 'toy',
        operation: 'shelf.seal',
        message: expect.stringContaining('toy shelf.seal:') as string,
      },
    })
    expect(await drive.shelf.seal({ until, on: path('a') }, { timeout: Number.NaN })()).toMatchObject({
      left: { _tag: 'InvalidArgument', argument: 'options.timeout' },
    })
  })
  test('are promises on plain strings in the promise face, with the same types', async () => {
    const { drive, sealed } = shelf()
    const files = toPromises(withSignal(new AbortController().signal)(drive))
    const moved: Labelled = await files.shelf.batchMove([{ from: '/a/', to: 'n/a', label: 'red' }])
    expect(moved).toMatchObject({ outcomes: [{ status: 'done', path: 'n/a', label: 'red' }] })
    const maybe: Labelled | Accepted = await files.shelf.batchMove([], { wait: false })
    expect(maybe).toEqual({ outcomes: [] })
    const count: number = await files.shelf.count('/')
    expect(count).toBe(3)
    await expect(files.shelf.count('a//b')).rejects.toMatchObject({ code: 'InvalidPath' })
    await expect(files.shelf.batchMove([{ from: 'a', to: '../b' }])).rejects.toMatchObject({ code: 'InvalidPath' })
    expect(await files.shelf.seal({ until, on: 'b' })).toBe('sealed')
    expect(sealed).toEqual(['b 2030-01-02T03:04:05.000Z false'])
    const store = new Map([['a', 1]])
    const other = toPromises({ ...drive, store, help: { topics: () => ['a'], store } })
    const topics: ReadonlyArray<string> = other.help.topics()
    expect([topics, other.store.get('a'), other.help.store.get('a')]).toEqual([['a'], 1, 1])
    // @ts-expect-error there is no such member
    expect(files.library).toBeUndefined()
    // @ts-expect-error a field of another type
    await files.shelf.batchMove([{ from: 'none', to: 'm', label: 7 }])
  })
})
