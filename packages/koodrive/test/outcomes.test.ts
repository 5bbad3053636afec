// Whatever becomes of a response: what is said to be done is done, and was done by this call.
import { fromBytes, type BatchOutcome, type DriveError } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { fakeClock, left, p, read, right, startBench, tags, tree, write, type Bench } from './bench'
import { after, cut, dropped, instead, lost, startProxy, type Proxy, type Script } from './proxy'
import type { KooDrive } from '../src'

const clock = fakeClock()
let bench: Bench
let proxy: Proxy
beforeEach(async () => {
  bench = await startBench({}, clock)
  proxy = await startProxy(bench)
})
afterEach(async () => {
  await proxy.close()
  await bench.close()
})
const through = (settings: object = {}): KooDrive => bench.open({ baseUrl: proxy.url, ...settings })

const directory = /\/v1\/directory$/
const renaming = /\/files\/rename\//
const jobs = /\/v1\/jobs$/
const complete = /\/files\/complete$/
const create = /\/files\/create$/

const busy = { code: 13000201, msg: 'inner' }
const refusals: ReadonlyArray<readonly [string, Script]> = [
  ['13000403', instead(400, { code: 13000403, msg: 'Change file status failed.' })],
  ['13000403 under 200', instead(200, { code: '13000403' })],
  ['an unlisted code under 200', instead(200, { code: 99, msg: 'no' })],
  ['the code constructor', instead(400, { code: 'constructor', msg: 'no' })],
  ['the code toString', instead(200, { code: 'toString', msg: 'no' })],
  ['the code __proto__', instead(409, { error_code: '__proto__', error_msg: 'no' })],
]
const doubts: ReadonlyArray<readonly [string, Script]> = [
  ['cut', cut],
  ['lost', lost],
  ['dropped', dropped],
  ['500 before', instead(500, busy)],
  ['502 before', instead(502, '<html>')],
  ['503 before', instead(503, '')],
  ['504 before', instead(504, '')],
  ['503 after', after(503, busy)],
  ['504 after', after(504, '')],
  ['{} after', after(200, {})],
  ['null before', instead(200, 'null')],
  ['a page after', after(200, '<html>')],
  ['a redirect after', after(302, '')],
]

describe('a folder that existed is never merged into, and never claimed', () => {
  const copyDir = (drive: KooDrive) => drive.copyDir(p('a'), p('b'))()
  const batchCopy = async (drive: KooDrive): Promise<E.Either<DriveError, unknown>> => {
    const { outcomes } = await right(drive.batchCopy([{ from: p('a'), to: p('b') }]))
    const [outcome] = outcomes
    return outcome?.status === 'failed' ? E.left(outcome.error) : E.right(outcome)
  }
  const createDir = (drive: KooDrive) => drive.createDir(p('b'))()

  describe.each([
    ['copyDir', copyDir],
    ['batchCopy', batchCopy],
    ['createDir', createDir],
  ] as const)('%s', (_name, run) => {
    test.each([...doubts, ...refusals])('after %s', async (_what, script) => {
      await write(bench.open(), 'a/new', 'new')
      await write(bench.open(), 'b/old', 'old')
      clock.advance(60_000)
      proxy.next(directory, script)
      expect(E.isLeft(await run(through()))).toBe(true)
      expect(await tree(bench.open(), 'b')).toEqual(['b/old'])
    })

    test.each(refusals)('a refusal is final: %s', async (_what, script) => {
      await write(bench.open(), 'a/new', 'new')
      proxy.next(directory, script)
      const before = proxy.paths().length
      const failed = await run(through())
      expect(failed).toMatchObject({ left: { effect: 'none' } })
      expect(
        proxy
          .paths()
          .slice(before)
          .filter((path) => path.endsWith('/v1/directory')),
      ).toHaveLength(1)
      expect(await tree(bench.open())).toEqual(['a/', 'a/new'])
    })
  })

  test.each([
    ['lost', lost],
    ['cut', cut],
    ['{}', after(200, {})],
  ])('%s: one of this call’s own making is filled if it is empty', async (_what, script) => {
    await write(bench.open(), 'a/new', 'new')
    const drive = through()
    await right(drive.stat(p('')))
    proxy.next(directory, async (forward) => {
      clock.advance(3000)
      return script(forward)
    })
    await right(drive.copyDir(p('a'), p('b')))
    expect(await tree(bench.open())).toEqual(['a/', 'a/new', 'b/', 'b/new'])
  })

  test('one that holds something is not filled, however new it is', async () => {
    await write(bench.open(), 'a/new', 'new')
    const drive = through()
    await right(drive.stat(p('')))
    proxy.next(directory, async (forward) => {
      clock.advance(3000)
      await forward()
      await write(bench.open(), 'b/theirs', 'theirs')
      return 'drop'
    })
    expect(await left(drive.copyDir(p('a'), p('b')), 'Indeterminate')).toMatchObject({ found: { path: 'b' } })
    expect(await tree(bench.open(), 'b')).toEqual(['b/theirs'])
  })
})

describe('a rename', () => {
  const move = async (drive: KooDrive, to = 'b', conflict: 'ask' | 'rename' = 'ask') => {
    const { outcomes } = await right(drive.batchMove([{ from: p('a'), to: p(to), conflict }]))
    return outcomes[0] as BatchOutcome<unknown, { readonly path: string; readonly how: string }>
  }

  test.each(doubts)('after %s is done once, if it is said to be done', async (_what, script) => {
    await write(bench.open(), 'a')
    proxy.next(renaming, script)
    const outcome = await move(through())
    expect(outcome).toMatchObject({ status: 'done', path: 'b', how: 'as-asked' })
    expect(await tree(bench.open())).toEqual(['b'])
  })

  test.each(doubts)('to a free name after %s tells the name that the service chose', async (_what, script) => {
    await write(bench.open(), 'a')
    await write(bench.open(), 'b')
    proxy.next(renaming, script)
    const outcome = await move(through(), 'b', 'rename')
    const after = await tree(bench.open())
    if (outcome.status === 'done') expect(after).toEqual(['b', outcome.path].sort())
    else {
      expect(outcome.error).toMatchObject({ _tag: 'Indeterminate', likely: 'not-done' })
      expect(after).toEqual(['a', 'b'])
    }
  })

  test.each([...doubts, ...refusals])('onto a taken name after %s is never done', async (_what, script) => {
    await write(bench.open(), 'a')
    await write(bench.open(), 'b')
    proxy.next(renaming, script)
    expect((await move(through())).status).toBe('failed')
    expect(await tree(bench.open())).toEqual(['a', 'b'])
    expect(await read(bench.open(), 'b')).toBe('b')
  })

  test.each([{}, null, { msg: 'success' }, { code: null }])(
    'answered 200 %j is proved by the details',
    async (body) => {
      await write(bench.open(), 'a')
      const drive = through()
      proxy.next(renaming, instead(200, body), instead(200, body), instead(200, body))
      const outcome = await move(drive)
      expect(outcome).toMatchObject({ status: 'failed', error: { _tag: 'UnexpectedResponse', effect: 'none' } })
      proxy.next(renaming, after(200, body))
      expect(await move(drive)).toMatchObject({ status: 'done', path: 'b' })
    },
  )

  test('to a temporary name that may still come is not repeated: it would undo the rest of a move', async () => {
    await write(bench.open(), 'a')
    await right(bench.open().createDir(p('d')))
    const late: Array<() => Promise<unknown>> = []
    proxy.next(renaming, (forward) => {
      late.push(forward)
      return Promise.resolve({ status: 504, body: '' })
    })
    const { outcomes } = await right(through().batchMove([{ from: p('a'), to: p('d/b') }]))
    expect(outcomes).toMatchObject([{ error: { _tag: 'Indeterminate', likely: 'not-done' } }])
    for (const come of late) await come()
    const [moved, ...others] = (await tree(bench.open())).filter((path) => !path.endsWith('/'))
    expect(others).toEqual([])
    const { error } = outcomes[0] as { readonly error: { readonly check: string } }
    expect(error.check).toContain(`/${String(moved)}`)
  })

  test('another client’s rename is not taken for ours', async () => {
    await write(bench.open(), 'a')
    proxy.next(renaming, async () => {
      await right(bench.open().batchMove([{ from: p('a'), to: p('theirs') }]))
      return 'drop'
    })
    const outcome = await move(through(), 'b', 'rename')
    expect(outcome).toMatchObject({ error: { _tag: 'Indeterminate', found: { path: 'theirs' } } })
  })
})

describe('jobs', () => {
  const three = (script: Script) => [script, script, script] as const

  test('a removal whose requests all got 504 is answered item by item', async () => {
    await write(bench.open(), 'd/a')
    await write(bench.open(), 'd/b')
    bench.emulator.behave({ jobLife: { kind: 'at-once' } })
    const drive = through()
    proxy.next(jobs, ...three(after(504, '')))
    const { outcomes } = await right(drive.batchRemove([p('d/a'), p('d/b'), p('d/none')]))
    expect(tags({ outcomes })).toEqual(['done', 'done', 'NotFound'])
    expect(await tree(bench.open())).toEqual(['d/'])
  })

  test('a removal of which nothing came says so item by item, and may still come', async () => {
    await write(bench.open(), 'd/a')
    await write(bench.open(), 'b')
    proxy.next(jobs, ...three(instead(504, '')))
    const { outcomes } = await right(through().batchRemove([p('d/a'), p('b')]))
    const unknown = { attempted: true, error: { _tag: 'Indeterminate', likely: 'not-done' } }
    expect(outcomes).toMatchObject([unknown, unknown])
    expect(await tree(bench.open())).toEqual(['b', 'd/', 'd/a'])
  })

  test('a move whose requests all got 504 is found at its target', async () => {
    await write(bench.open(), 'a/1')
    await write(bench.open(), 'a/2')
    await right(bench.open().createDir(p('b')))
    bench.emulator.behave({ jobLife: { kind: 'at-once' } })
    proxy.next(jobs, ...three(after(504, '')))
    const { outcomes } = await right(
      through().batchMove([
        { from: p('a/1'), to: p('b/1') },
        { from: p('a/2'), to: p('b/two') },
      ]),
    )
    expect(tags({ outcomes })).toEqual(['done', 'done'])
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/1', 'b/two'])
  })

  test.each(refusals)('items of a job that was sent and refused with %s are attempted', async (_what, script) => {
    await write(bench.open(), 'a/1')
    await right(bench.open().createDir(p('b')))
    const drive = through()
    const attempted = (batch: { readonly outcomes: ReadonlyArray<object> }) => batch.outcomes
    const refused = [{ status: 'failed', attempted: true, error: { effect: 'none' } }]
    proxy.next(jobs, script)
    expect(attempted(await right(drive.batchCopy([{ from: p('a/1'), to: p('b/1') }])))).toMatchObject(refused)
    proxy.next(jobs, script)
    expect(attempted(await right(drive.batchMove([{ from: p('a/1'), to: p('b/1') }])))).toMatchObject(refused)
    proxy.next(jobs, script)
    expect(attempted(await right(drive.batchRemove([p('a/1')])))).toMatchObject(refused)
    proxy.next(jobs, script)
    const background = await right(drive.batchRemove([p('a/1')], { wait: false }))
    expect('outcomes' in background ? attempted(background) : background).toMatchObject(refused)
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/'])
  })

  test('an earlier copy of the same to the same folder is not taken for the one that never began', async () => {
    await write(bench.open(), 'a/1')
    await right(bench.open().createDir(p('b')))
    await right(bench.open().batchCopy([{ from: p('a/1'), to: p('b/1') }]))
    clock.advance(30_000)
    proxy.next(jobs, dropped)
    const { outcomes } = await right(through().batchCopy([{ from: p('a/1'), to: p('b/2') }]))
    expect(tags({ outcomes })).toEqual(['Indeterminate'])
    expect(await tree(bench.open(), 'b')).toEqual(['b/1'])
  })
})

describe('an upload', () => {
  test.each([...doubts])('announced with %s is written once', async (_what, script) => {
    proxy.next(create, script)
    await write(through(), 'f', 'text')
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe('text')
  })

  test.each([...doubts])('completed with %s is written once', async (_what, script) => {
    proxy.next(complete, script)
    await write(through(), 'f', 'text')
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe('text')
  })

  test.each([...doubts])('renamed into place with %s is written once', async (_what, script) => {
    proxy.next(renaming, script)
    await write(through(), 'f', 'text')
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe('text')
  })

  test.each(refusals)('refused with %s leaves nothing', async (_what, script) => {
    for (const step of [create, complete, renaming]) {
      proxy.next(step, script)
      const failed = await through().writeFile(p('f'), fromBytes('text'))()
      expect(E.isLeft(failed)).toBe(true)
    }
    expect(await tree(bench.open())).toEqual([])
  })
})

describe('a name that no path can have', () => {
  const detail = /\/files\/[^/]+\/detail$/
  /** What the service says, with another name. */
  const named =
    (name: string): Script =>
    async (forward) => {
      const { status, body } = await forward()
      return { status, body: JSON.stringify({ ...(JSON.parse(body) as object), fileName: name }) }
    }

  test.each(['..', '../../etc/passwd', 'a/b', ''])('%p never becomes one', async (name) => {
    const drive = through()
    proxy.next(directory, named(name))
    await left(drive.createDir(p('new'), { conflict: 'rename' }), 'Indeterminate')
    await write(drive, 'file', 'text')
    proxy.next(detail, named(name))
    const written = await drive.writeFile(p('file'), fromBytes('more'), { conflict: 'rename' })()
    proxy.next(detail, named(name))
    const moved = await right(drive.batchMove([{ from: p('file'), to: p('moved'), conflict: 'rename' }]))
    const paths = [
      E.isRight(written) ? written.right.path : 'file',
      ...moved.outcomes.map((outcome) => (outcome.status === 'done' ? outcome.path : 'moved')),
    ]
    for (const path of paths) expect(path).toMatch(/^[a-z0-9 ()_-]+$/i)
  })
})
