import {
  counted,
  descriptions,
  fakeClock,
  hold,
  left,
  p,
  rawMove,
  read,
  right,
  startBench,
  tree,
  write,
  type Bench,
} from './bench'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

describe('stat and list', () => {
  test('the root is a directory, and proves reach with one request', async () => {
    const drive = bench.open()
    const requests = await counted(bench.emulator, async () => {
      expect(await right(drive.stat(p('')))).toMatchObject({ kind: 'directory', path: '', name: '' })
    })
    expect(requests).toEqual({ listFiles: 1 })
  })

  test('what is not there is NotFound, also below what is a file', async () => {
    const drive = bench.open()
    await write(drive, 'a/file')
    expect((await left(drive.stat(p('b')), 'NotFound')).what).toBe('source')
    expect((await left(drive.stat(p('a/b/c')), 'NotFound')).what).toBe('source')
    expect((await left(drive.stat(p('a/file/x')), 'NotFound')).what).toBe('source')
    expect((await left(drive.list(p('b')), 'NotFound')).what).toBe('source')
    expect((await left(drive.list(p('a/file')), 'WrongKind')).expected).toBe('directory')
  })

  test('a cold stat lists each level, a warm one asks for the details', async () => {
    await write(bench.open(), 'a/b/file', 'text')
    const drive = bench.open()
    expect(await counted(bench.emulator, () => right(drive.stat(p('a/b/file'))))).toEqual({ listFiles: 3 })
    expect(await counted(bench.emulator, () => right(drive.stat(p('a/b/file'))))).toEqual({ fileDetail: 1 })
    expect(await right(drive.stat(p('a/b/file')))).toMatchObject({ kind: 'file', size: 4, path: 'a/b/file' })
  })

  test('concurrent calls for siblings share their listings', async () => {
    const writer = bench.open()
    for (const name of ['1', '2', '3', '4']) await write(writer, `a/${name}`)
    const drive = bench.open()
    const requests = await counted(bench.emulator, () =>
      Promise.all(['1', '2', '3', '4'].map((name) => right(drive.stat(p(`a/${name}`))))),
    )
    expect(requests).toEqual({ listFiles: 2 })
  })

  test('a list is paged by cursors and yields each entry once, also with short and empty pages', async () => {
    const drive = bench.open()
    for (let i = 0; i < 7; i++) await right(drive.createDir(p(`d/${i}`)))
    bench.emulator.faults.next('listFiles', 'short', 3)
    const names: Array<string> = []
    let cursor: string | undefined
    do {
      const page = await right(drive.list(p('d'), { cursor, limit: 3 }))
      names.push(...page.items.map(({ name }) => name))
      cursor = page.next
    } while (cursor !== undefined)
    expect(names).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  })

  test.each([
    { listItems: 'files', listCursor: 'nextCursor', lastCursor: 'absent' },
    { listItems: 'data', listCursor: 'nextPageCursor', lastCursor: 'empty' },
    { listItems: 'data.files', listCursor: 'pageInfo.nextCursor', lastCursor: 'null' },
  ] as const)('lists of shape %p are understood', async (behaviour) => {
    const drive = bench.open()
    for (let i = 0; i < 5; i++) await right(drive.createDir(p(`d/${i}`)))
    bench.emulator.behave({ ...behaviour, codeType: 'string', numbers: 'string', successMsg: 'varied', pageCap: 2 })
    expect((await tree(bench.open(), 'd')).length).toBe(5)
  })

  test('more than a page of siblings does not hide one', async () => {
    const drive = bench.open()
    await Promise.all(Array.from({ length: 130 }, (_, i) => right(drive.createDir(p(`d${i}`)))))
    const other = bench.open()
    expect(await counted(bench.emulator, () => right(other.stat(p('d99'))))).toEqual({ listFiles: 2 })
  })

  test('two siblings of one name are both listed, and a path to them is Ambiguous', async () => {
    bench.emulator.behave({ moveClash: 'duplicate' })
    const drive = bench.open()
    await write(drive, 'a/x')
    await write(drive, 'b/x')
    const [source, target] = [await right(drive.stat(p('a/x'))), await right(drive.stat(p('b')))]
    await rawMove(bench, String(source.id), String(target.id))
    const other = bench.open()
    expect((await tree(other, 'b')).filter((path) => path === 'b/x')).toHaveLength(2)
    await left(other.stat(p('b/x')), 'Ambiguous')
    await left(other.readFile(p('b/x')), 'Ambiguous')
    expect((await right(other.batchRemove([p('b/x')]))).outcomes[0]).toMatchObject({ error: { _tag: 'Ambiguous' } })
    await left(other.createDir(p('b/x/y')), 'Ambiguous')
  })
})

describe('createDir', () => {
  test('one request where the parent is known; k where k levels are missing', async () => {
    const drive = bench.open()
    expect(await counted(bench.emulator, () => right(drive.createDir(p('a'))))).toEqual({ createDirectory: 1 })
    expect(await counted(bench.emulator, () => right(drive.createDir(p('a/b'))))).toEqual({ createDirectory: 1 })
    const deep = await counted(bench.emulator, () => right(drive.createDir(p('a/b/c/d/e'))))
    expect(deep['createDirectory']).toBe(3)
    expect(await tree(drive)).toEqual(['a/', 'a/b/', 'a/b/c/', 'a/b/c/d/', 'a/b/c/d/e/'])
  })

  test('ask refuses a taken name and tells what has it, whatever its kind', async () => {
    const drive = bench.open()
    await write(drive, 'x/file')
    await right(drive.createDir(p('x/dir')))
    expect((await left(drive.createDir(p('x/dir')), 'NameConflict')).existing).toMatchObject({
      kind: 'directory',
      path: 'x/dir',
    })
    expect((await left(drive.createDir(p('x/file')), 'NameConflict')).existing).toMatchObject({ kind: 'file' })
    await left(drive.createDir(p('x/dir'), { conflict: 'overwrite' }), 'NameConflict')
    await left(drive.createDir(p('x/file'), { conflict: 'overwrite' }), 'NameConflict')
    expect(await tree(drive, 'x')).toEqual(['x/dir/', 'x/file'])
  })

  test('rename answers with the name that the service chose', async () => {
    const drive = bench.open()
    await right(drive.createDir(p('d')))
    const made = await right(drive.createDir(p('d'), { conflict: 'rename' }))
    expect(made).toMatchObject({ how: 'renamed' })
    expect(made.path).toMatch(/^d_\d{8}_\d{6}$/)
    expect(await right(drive.stat(made.path))).toMatchObject({ kind: 'directory', id: made.id })
  })

  test('parents are required, or made; a file among them is named', async () => {
    const drive = bench.open()
    const missing = await left(drive.createDir(p('a/b/c'), { parents: 'require' }), 'NotFound')
    expect(missing).toMatchObject({ what: 'parent', at: 'a' })
    await write(drive, 'file')
    expect(await left(drive.createDir(p('file/x')), 'WrongKind')).toMatchObject({ expected: 'directory', at: 'file' })
  })

  test('a time of creation given comes back', async () => {
    const drive = bench.open()
    const createdAt = new Date('2020-02-03T04:05:06.789Z')
    await right(drive.createDir(p('d'), { createdAt }))
    expect((await right(bench.open().stat(p('d')))).createdAt).toEqual(createdAt)
  })

  test('a time of change and a description are sent, and come back', async () => {
    const drive = bench.open({ traceId: 'T'.repeat(58), language: 'de' })
    const modifiedAt = new Date('2021-02-03T04:05:06.789Z')
    const made = await right(drive.kooDrive.createDir(p('a/d'), { modifiedAt, description: '说明 of d' }))
    expect(made).toMatchObject({ path: 'a/d', modifiedAt })
    expect((await right(bench.open().stat(p('a/d')))).modifiedAt).toEqual(modifiedAt)
    const shown = await descriptions(bench, ['a', 'a/d'])
    expect(shown).toEqual([undefined, '说明 of d'])
  })

  test.each(['x'.repeat(513), 'nice 👍', '🇨🇳'])('the description %p is refused here', async (description) => {
    const requests = await counted(bench.emulator, () =>
      left(bench.open().kooDrive.createDir(p('d'), { description }), 'InvalidPath'),
    )
    expect(requests).toEqual({})
  })

  test('a name held by an upload that is not complete is Unavailable, not a conflict', async () => {
    const drive = bench.open()
    await hold(bench, 'held')
    const error = await left(drive.createDir(p('held')), 'Unavailable')
    expect(error.said).toMatch(/upload/)
  })

  test('a folder deeper than thirty levels is refused before anything is sent', async () => {
    const deep = p(Array.from({ length: 31 }, () => 'd').join('/'))
    const requests = await counted(bench.emulator, () => left(bench.open().createDir(deep), 'LimitExceeded'))
    expect(requests).toEqual({})
  })

  test.each(['a<', 'a>', 'a|', 'a:', 'a"', 'a*', 'a?', 'a\\', 'x'.repeat(81), ' ', '   '])(
    'the name %p is refused here',
    async (name) => {
      const requests = await counted(bench.emulator, () => bench.open().createDir(p(name))())
      expect(requests).toEqual({})
    },
  )

  test('a name of 250 characters outside the basic plane is taken where the settings allow it', async () => {
    const name = '😀'.repeat(250)
    await left(bench.open().createDir(p(name)), 'LimitExceeded')
    expect((await right(bench.open({ nameLimit: 250 }).createDir(p(name)))).name).toBe(name)
  })
})

describe('after a lost response', () => {
  const clock = fakeClock()
  beforeEach(async () => {
    await bench.close()
    bench = await startBench({}, clock)
  })

  test.each(['lost', '5xx-late'] as const)(
    '%s: a folder that was created after the request counts as created',
    async (kind) => {
      const drive = bench.open()
      await right(drive.stat(p('')))
      clock.delayNext(3000)
      bench.emulator.faults.next('createDirectory', kind)
      const made = await right(drive.createDir(p('d')))
      expect(await right(bench.open().stat(p('d')))).toMatchObject({ id: made.id })
      expect(await tree(drive)).toEqual(['d/'])
    },
  )

  test('one that may be older is Indeterminate, which shows it', async () => {
    const drive = bench.open()
    await right(drive.stat(p('')))
    bench.emulator.faults.next('createDirectory', 'lost')
    expect(await left(drive.createDir(p('d')), 'Indeterminate')).toMatchObject({
      check: '/d',
      found: { kind: 'directory', path: 'd' },
      likely: 'done',
    })
  })

  test('one that may be older serves as a parent all the same', async () => {
    const drive = bench.open()
    bench.emulator.faults.next('createDirectory', 'lost')
    await write(drive, 'd/f')
    expect(await tree(bench.open())).toEqual(['d/', 'd/f'])
  })

  test('a time of creation that the caller gave proves nothing', async () => {
    const drive = bench.open()
    await right(drive.stat(p('')))
    clock.delayNext(3000)
    bench.emulator.faults.next('createDirectory', 'lost')
    await left(drive.createDir(p('d'), { createdAt: new Date(clock.drive() + 60_000) }), 'Indeterminate')
  })

  test.each(['lost', 'cut', '5xx', '5xx-late'] as const)(
    '%s: a folder that existed before is a conflict, whoever created it',
    async (kind) => {
      const other = bench.open()
      await right(other.createDir(p('d')))
      clock.advance(10_000)
      const drive = bench.open()
      bench.emulator.faults.next('createDirectory', kind)
      expect((await left(drive.createDir(p('d')), 'NameConflict')).existing).toMatchObject({ kind: 'directory' })
      bench.emulator.faults.next('createDirectory', kind)
      await left(other.createDir(p('d')), 'NameConflict')
    },
  )

  test.each(['lost', '5xx'] as const)('%s: a file that has the name is a conflict', async (kind) => {
    await write(bench.open(), 'd')
    bench.emulator.faults.next('createDirectory', kind)
    expect((await left(bench.open().createDir(p('d')), 'NameConflict')).existing).toMatchObject({ kind: 'file' })
  })

  test.each(['cut', '5xx'] as const)('%s before the effect: it is created once', async (kind) => {
    const drive = bench.open()
    bench.emulator.faults.next('createDirectory', kind)
    await right(drive.createDir(p('d')))
    expect(await tree(drive)).toEqual(['d/'])
  })

  test('under rename it is never repeated: whether it happened, nobody can tell', async () => {
    const drive = bench.open()
    await right(drive.createDir(p('d')))
    bench.emulator.faults.next('createDirectory', 'lost')
    const requests = await counted(bench.emulator, async () => {
      const error = await left(drive.createDir(p('d'), { conflict: 'rename' }), 'Indeterminate')
      expect(error.check).toContain('/d')
    })
    expect(requests['createDirectory']).toBe(1)
  })
})

describe('ids that others changed', () => {
  /** A clock that only the test moves: how long a step takes changes nothing. */
  const skewed = () => {
    const [started, clock] = [Date.now(), { skew: 0 }]
    return { clock, drive: bench.open({}, { now: () => started + clock.skew }) }
  }

  test('a chain that is not trusted any more is confirmed by one request before it is used', async () => {
    const { clock, drive } = skewed()
    await right(drive.createDir(p('a/b')))
    clock.skew = 20_000
    expect(await counted(bench.emulator, () => right(drive.createDir(p('a/b/c'))))).toEqual({
      fullPath: 1,
      createDirectory: 1,
    })
    expect(await counted(bench.emulator, () => right(drive.createDir(p('a/b/d'))))).toEqual({ createDirectory: 1 })
  })

  test('an ancestor that another client renamed is noticed, and nothing is made in the wrong place', async () => {
    const { clock, drive } = skewed()
    await right(drive.createDir(p('a/b')))
    const other = bench.open()
    await right(other.batchMove([{ from: p('a'), to: p('moved') }]))
    clock.skew = 20_000
    await right(drive.createDir(p('a/b/c')))
    expect(await tree(other)).toEqual(['a/', 'a/b/', 'a/b/c/', 'moved/', 'moved/b/'])
  })

  test('an id that leads nowhere any more is dropped, and the operation tried once more', async () => {
    const { drive } = skewed()
    await right(drive.createDir(p('a')))
    const other = bench.open()
    await right(other.batchRemove([p('a')]))
    await right(other.createDir(p('a')))
    await right(drive.createDir(p('a/b')))
    expect(await tree(other)).toEqual(['a/', 'a/b/'])
  })

  test('a parent that is gone is made again, or missed', async () => {
    const { drive } = skewed()
    await right(drive.createDir(p('a')))
    await right(drive.createDir(p('b')))
    await right(bench.open().batchRemove([p('a'), p('b')]))
    await right(drive.createDir(p('a/x')))
    expect(await left(drive.createDir(p('b/x'), { parents: 'require' }), 'NotFound')).toMatchObject({
      what: 'parent',
      at: 'b',
    })
  })

  test('stat of a file that another client replaced finds the new one', async () => {
    const drive = bench.open()
    await write(drive, 'a/f', 'one')
    await write(bench.open(), 'a/f', 'second', { conflict: 'overwrite' })
    expect(await right(drive.stat(p('a/f')))).toMatchObject({ size: 6 })
    expect(await read(drive, 'a/f')).toBe('second')
  })

  test('reading a file that another client replaced reads the new one', async () => {
    const drive = bench.open()
    await write(drive, 'a/f', 'one')
    await write(bench.open(), 'a/f', 'second', { conflict: 'overwrite' })
    expect(await read(drive, 'a/f')).toBe('second')
  })

  test('a file that another client replaced by a folder is no file any more', async () => {
    const drive = bench.open()
    await write(drive, 'a')
    const other = bench.open()
    await right(other.batchRemove([p('a')]))
    await right(other.createDir(p('a')))
    await right(drive.createDir(p('a/b')))
    expect(await tree(other)).toEqual(['a/', 'a/b/'])
  })
})
