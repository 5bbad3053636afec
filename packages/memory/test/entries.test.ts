// stat, list, createDir and copyDir of the reference drive.
import { fromBytes, root, type ConflictStrategy } from '@anydrive/core'
import { openMemory, plantOther, plantSkipped } from '../src'
import { at, entries, left, mkdir, put, right, tree } from './bench'

const strategies: ReadonlyArray<ConflictStrategy> = ['ask', 'rename', 'overwrite']

describe('stat and list', () => {
  test('the root is an empty directory without a name', async () => {
    const drive = openMemory({}, { now: () => 5 })
    expect(await right(drive.stat(root))).toEqual({
      kind: 'directory',
      path: '',
      name: '',
      id: '0',
      createdAt: new Date(5),
      modifiedAt: new Date(5),
    })
    expect(await right(drive.list(root))).toEqual({ items: [] })
  })

  test('nothing at a path, or below a file, is NotFound source', async () => {
    const drive = openMemory()
    await put(drive, 'f', '')
    for (const path of ['x', 'x/y', 'f/y'])
      expect(await left(drive.stat(at(path)), 'NotFound')).toMatchObject({ what: 'source', path, operation: 'stat' })
    expect(await left(drive.list(at('x')), 'NotFound')).toMatchObject({ what: 'source' })
  })

  test('listing a file is WrongKind', async () => {
    const drive = openMemory()
    await put(drive, 'f', '')
    expect(await left(drive.list(at('f')), 'WrongKind')).toMatchObject({ expected: 'directory', path: 'f' })
  })

  test('pages are sorted by UTF-16 code units, clamped, and end where next is absent', async () => {
    const drive = openMemory({ limits: { page: 2 } })
    for (const name of ['b', 'B', 'ä', 'a', '\u{1F600}', '\uFF5E']) await mkdir(drive, name)
    expect((await entries(drive)).map((e) => e.name)).toEqual(['B', 'a', 'b', 'ä', '\u{1F600}', '\uFF5E'])
    expect((await right(drive.list(root, { limit: 50 }))).items).toHaveLength(2)
    expect((await right(drive.list(root, { limit: 0 }))).items).toHaveLength(1)
  })

  test('a cursor holds although entries come and go, and yields nothing twice', async () => {
    const drive = openMemory({ limits: { page: 2 } })
    for (const name of ['a', 'b', 'c', 'd']) await mkdir(drive, name)
    const first = await right(drive.list(root))
    await right(drive.batchRemove([at('a'), at('b')]))
    await mkdir(drive, 'aa')
    const second = await right(drive.list(root, { cursor: first.next }))
    expect(second.items.map((e) => e.name)).toEqual(['c', 'd'])
  })

  test('a cursor of another listing is NotFound cursor', async () => {
    const drive = openMemory({ limits: { page: 1 } })
    for (const name of ['a', 'b', 'x/a']) await mkdir(drive, name)
    const { next } = await right(drive.list(root))
    expect(await left(drive.list(at('x'), { cursor: next }), 'NotFound')).toMatchObject({ what: 'cursor' })
    expect(await left(drive.list(root, { cursor: 'nonsense' }), 'NotFound')).toMatchObject({ what: 'cursor' })
  })

  test('temporary names are hidden unless asked for, yet every path operation finds them', async () => {
    const drive = openMemory()
    await put(drive, 'f.anydrive-012345222451', '')
    expect(await entries(drive)).toEqual([])
    expect((await right(drive.list(root, { temporaries: 'show' }))).items).toHaveLength(1)
    await right(drive.stat(at('f.anydrive-012345222451')))
  })

  test('entries of other kinds are listed, and impossible names are skipped once', async () => {
    const drive = openMemory({ limits: { page: 1 } })
    expect(plantOther(drive.store, at('d/link'), 'link')).toBe(true)
    expect(plantOther(drive.store, at('d/link'), 'link')).toBe(false)
    expect(plantSkipped(drive.store, at('d'), 'a/b')).toBe(true)
    await put(drive, 'd/z', '')
    const page = await right(drive.list(at('d')))
    expect(page).toMatchObject({ items: [{ kind: 'other', what: 'link', path: 'd/link' }], skipped: ['a/b'] })
    expect(await right(drive.list(at('d'), { cursor: page.next }))).not.toHaveProperty('skipped')
    await left(drive.list(at('d/link')), 'WrongKind')
    await left(drive.readFile(at('d/link')), 'WrongKind')
  })

  test('what a caller does to an entry changes nothing in the drive', async () => {
    const drive = openMemory({}, { now: () => 5 })
    const made = await mkdir(drive, 'a')
    made.createdAt?.setTime(0)
    expect((await right(drive.stat(at('a')))).createdAt).toEqual(new Date(5))
  })
})

describe('createDir', () => {
  test('makes missing parents, and keeps the times given', async () => {
    const drive = openMemory()
    const times = { createdAt: new Date(1000), modifiedAt: new Date(2000) }
    expect(await right(drive.createDir(at('a/b/c'), times))).toMatchObject({
      path: 'a/b/c',
      name: 'c',
      kind: 'directory',
      how: 'as-asked',
      replaced: false,
      ...times,
    })
    await put(drive, 'a/b/c/f', '1')
    expect(await right(drive.stat(at('a/b/c')))).toMatchObject(times)
    expect(await tree(drive)).toEqual(['a/', 'a/b/', 'a/b/c/', 'a/b/c/f=1'])
  })

  test('with parents required, names the first that is missing and makes none', async () => {
    const drive = openMemory()
    await mkdir(drive, 'a')
    expect(await left(drive.createDir(at('a/b/c'), { parents: 'require' }), 'NotFound')).toMatchObject({
      what: 'parent',
      at: 'a/b',
      path: 'a/b/c',
    })
    expect(await tree(drive)).toEqual(['a/'])
  })

  test.each(['create', 'require'] as const)('a file among the parents is WrongKind naming it (%s)', async (parents) => {
    const drive = openMemory()
    await put(drive, 'a/f', '')
    expect(await left(drive.createDir(at('a/f/c/d'), { parents }), 'WrongKind')).toMatchObject({
      expected: 'directory',
      at: 'a/f',
    })
  })

  test.each(strategies)('a taken name under %s', async (conflict) => {
    for (const occupant of ['file', 'directory'] as const) {
      const drive = openMemory()
      await (occupant === 'file' ? put(drive, 'a.b', '1') : mkdir(drive, 'a.b'))
      const before = await tree(drive)
      if (conflict === 'rename') {
        expect(await right(drive.createDir(at('a.b'), { conflict }))).toMatchObject({ path: 'a.b (1)', how: 'renamed' })
        expect(await right(drive.createDir(at('a.b'), { conflict }))).toMatchObject({ path: 'a.b (2)' })
      } else {
        const error = await left(drive.createDir(at('a.b'), { conflict }), 'NameConflict')
        expect(error).toMatchObject({ path: 'a.b', existing: { kind: occupant, path: 'a.b' } })
        expect(await tree(drive)).toEqual(before)
      }
    }
  })

  test.each(strategies)('the root is a NameConflict under %s', async (conflict) => {
    await left(openMemory().createDir(root, { conflict }), 'NameConflict')
  })

  test('two at once under ask: one makes it, the other conflicts', async () => {
    const drive = openMemory({ latency: 1 })
    const answers = await Promise.all([drive.createDir(at('a'))(), drive.createDir(at('a'))()])
    expect(answers.map((a) => a._tag).sort()).toEqual(['Left', 'Right'])
  })
})

describe('names', () => {
  test('length, characters, reserved names, depth and path length are refused, for names to be created only', async () => {
    const naming = {
      maxLength: 5,
      lengthUnit: 'utf16',
      forbidden: ':?',
      reserved: ['CON'],
      maxDepth: 2,
      maxPath: 12,
    } as const
    const drive = openMemory({ naming })
    expect(await left(drive.createDir(at('123456')), 'LimitExceeded')).toMatchObject({ limit: 'name', max: 5 })
    await left(drive.createDir(at('a:b')), 'InvalidPath')
    await left(drive.createDir(at('CON')), 'InvalidPath')
    await left(drive.createDir(at('b?/a')), 'InvalidPath')
    expect(await tree(drive)).toEqual([])
    expect(await left(drive.createDir(at('a/b/c')), 'LimitExceeded')).toMatchObject({ limit: 'depth', max: 2 })
    await put(drive, 'a/b/c', '')
    expect(await left(drive.createDir(at('a/b/c/d')), 'LimitExceeded')).toMatchObject({ limit: 'depth' })
    const wide = openMemory({ store: drive.store })
    await mkdir(wide, 'odd:name')
    await put(wide, 'odd:name/too long', 'x')
    await right(drive.batchMove([{ from: at('odd:name/too long'), to: at('short') }]))
    await right(drive.batchRemove([at('odd:name')]))
    expect(await tree(drive)).toEqual(['a/', 'a/b/', 'a/b/c=', 'short=x'])
  })

  test('the length is counted in the unit declared', async () => {
    const name = '\u{1F600}é'
    for (const [lengthUnit, length] of [
      ['bytes', 6],
      ['utf16', 3],
      ['codepoints', 2],
    ] as const) {
      await mkdir(openMemory({ naming: { lengthUnit, maxLength: length } }), name)
      await left(openMemory({ naming: { lengthUnit, maxLength: length - 1 } }).createDir(at(name)), 'LimitExceeded')
    }
  })

  test('a directory that would push its contents below the deepest level is not moved there', async () => {
    const drive = openMemory({ naming: { maxDepth: 3 } })
    await mkdir(drive, 'a/b')
    await mkdir(drive, 'x/y')
    const move = await right(drive.batchMove([{ from: at('a'), to: at('x/y/a') }]))
    expect(move.outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'LimitExceeded', limit: 'depth' } })
    expect(await tree(drive)).toEqual(['a/', 'a/b/', 'x/', 'x/y/'])
  })

  test('where case does not count, one name may be respelled but not taken twice', async () => {
    const drive = openMemory({ naming: { case: 'insensitive' } })
    await put(drive, 'Read Me', '1')
    await left(drive.createDir(at('read me')), 'NameConflict')
    expect(await right(drive.stat(at('READ ME')))).toMatchObject({ path: 'Read Me' })
    await right(
      drive.batchMove([
        { from: at('Read Me'), to: at('README') },
        { from: at('README'), to: at('readme') },
      ]),
    )
    await right(drive.batchMove([{ from: at('Read Me'), to: at('READ ME') }]))
    expect((await entries(drive)).map((e) => e.name)).toEqual(['readme'])
  })

  test('a moved directory is not moved into itself under another spelling', async () => {
    const drive = openMemory({ naming: { case: 'insensitive' } })
    await mkdir(drive, 'a')
    const { outcomes } = await right(drive.batchMove([{ from: at('a'), to: at('A/b') }]))
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'NestedTarget' } })
  })

  test('NFC drives keep and find NFC, drives that take names as they are keep both', async () => {
    const nfc = openMemory({ naming: { normalisation: 'nfc' } })
    expect(await mkdir(nfc, 'e\u0301')).toMatchObject({ name: '\u00e9' })
    await left(nfc.createDir(at('\u00e9')), 'NameConflict')
    const plain = openMemory()
    await mkdir(plain, 'e\u0301')
    await mkdir(plain, '\u00e9')
    expect(await entries(plain)).toHaveLength(2)
  })

  test('hostile but legal names are kept to the code point', async () => {
    const drive = openMemory()
    const names = [
      ' lead',
      'trail ',
      'a.',
      '..a',
      '"q"',
      "'",
      '%2F',
      '%',
      '+',
      '#',
      '?',
      '\u{1F468}\u200D\u{1F469}',
      'e\u0301',
      '\u202Eevil',
      'a\nb',
      '\\',
      '*',
      'CON',
      '-rf',
    ]
    for (const name of names) await put(drive, `d/${name}`, name)
    expect((await entries(drive, at('d'))).map((e) => e.name).sort()).toEqual([...names].sort())
    for (const name of names) expect(await right(drive.stat(at(`d/${name}`)))).toMatchObject({ name })
  })
})

describe('copyDir', () => {
  test('copies everything below, and leaves the source as it was', async () => {
    const drive = openMemory()
    await put(drive, 'a/b/f', '1')
    await mkdir(drive, 'a/empty')
    expect(await right(drive.copyDir(at('a'), at('x/y')))).toEqual({ path: 'x/y', how: 'as-asked', replaced: false })
    expect(await tree(drive, at('x/y'))).toEqual(['x/y/b/', 'x/y/b/f=1', 'x/y/empty/'])
    await right(drive.writeFile(at('x/y/b/f'), fromBytes('2'), { conflict: 'overwrite' }))
    expect(await tree(drive, at('a'))).toEqual(['a/b/', 'a/b/f=1', 'a/empty/'])
  })

  test('never merges: a taken name conflicts, or the copy is renamed', async () => {
    const drive = openMemory()
    await put(drive, 'a.d/f', '1')
    await mkdir(drive, 'b.d')
    for (const conflict of ['ask', 'overwrite'] as const)
      expect(await left(drive.copyDir(at('a.d'), at('b.d'), { conflict }), 'NameConflict')).toMatchObject({
        path: 'b.d',
      })
    expect(await right(drive.copyDir(at('a.d'), at('b.d'), { conflict: 'rename' }))).toMatchObject({
      path: 'b.d (1)',
      how: 'renamed',
    })
    expect(await tree(drive)).toEqual(['a.d/', 'a.d/f=1', 'b.d/', 'b.d (1)/', 'b.d (1)/f=1'])
  })

  test('onto itself: conflicts, or copies under rename', async () => {
    const drive = openMemory()
    await put(drive, 'a/f', '1')
    await left(drive.copyDir(at('a'), at('a')), 'NameConflict')
    await left(drive.copyDir(at('a'), at('a'), { conflict: 'overwrite' }), 'NameConflict')
    expect(await right(drive.copyDir(at('a'), at('a'), { conflict: 'rename' }))).toMatchObject({ path: 'a (1)' })
    expect(await left(drive.copyDir(at('x'), at('x')), 'NotFound')).toMatchObject({ what: 'source' })
  })

  test('into itself, and the root anywhere, is NestedTarget; onto the root is NameConflict', async () => {
    const drive = openMemory()
    await mkdir(drive, 'a')
    await left(drive.copyDir(at('a'), at('a/b')), 'NestedTarget')
    await left(drive.copyDir(root, at('x')), 'NestedTarget')
    await left(drive.copyDir(root, root), 'NestedTarget')
    await left(drive.copyDir(at('a'), root), 'NameConflict')
  })

  test('a missing source makes no parents, a file as the source is WrongKind', async () => {
    const drive = openMemory()
    expect(await left(drive.copyDir(at('a'), at('x/y')), 'NotFound')).toMatchObject({ what: 'source', path: 'a' })
    expect(await tree(drive)).toEqual([])
    await put(drive, 'f', '')
    expect(await left(drive.copyDir(at('f'), at('y')), 'WrongKind')).toMatchObject({ expected: 'directory', path: 'f' })
  })

  test('that does not fit leaves nothing', async () => {
    const drive = openMemory({ capacity: 10 })
    await put(drive, 'a/f', '123456')
    await left(drive.copyDir(at('a'), at('b')), 'QuotaExceeded')
    expect(await tree(drive)).toEqual(['a/', 'a/f=123456'])
    expect(await right(drive.usage())).toEqual({ used: 6, capacity: 10 })
  })
})
