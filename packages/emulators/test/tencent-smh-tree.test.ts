// The Tencent SMH emulator's directories and files: names, conflicts, moves, copies, lists.
import { using } from './tencent-smh-client'

describe('creating a directory', () => {
  test('makes missing parents and answers without a path under ask', () =>
    using({ strict: true }, async ({ mkdir, call, at }) => {
      const made = await mkdir('a/b/c')
      expect([made.status, made.body]).toEqual([201, { creationTime: expect.stringMatching(/^\d{4}-.*Z$/) as string }])
      expect((await call('HEAD', at('directory', 'a/b'))).status).toBe(200)
    }))

  test('under rename takes the next free number, and says the final path', () =>
    using({ strict: true }, async ({ mkdir }) => {
      await mkdir('foo/bar.d')
      await mkdir('foo/bar.d (1)')
      const { body } = await mkdir('foo/bar.d', 'conflict_resolution_strategy=rename&with_inode=1')
      expect(body).toMatchObject({
        path: ['foo', 'bar.d (2)'],
        inode: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      })
    }))

  test('refuses what is there already, a file among the parents, overwrite and the root', () =>
    using({}, async ({ mkdir, upload, code }) => {
      await mkdir('a')
      await upload('a/f.txt', 'x')
      const conflict = [409, 'SameNameDirectoryOrFileExists']
      expect(await code(mkdir('a'))).toEqual(conflict)
      expect(await code(mkdir('a/f.txt'))).toEqual(conflict)
      expect(await code(mkdir('a/f.txt/b', 'conflict_resolution_strategy=rename'))).toEqual(conflict)
      expect(await code(mkdir('a', 'conflict_resolution_strategy=overwrite'))).toEqual([
        400,
        'InvalidConflictResolutionStrategy',
      ])
      expect(await code(mkdir(''))).toEqual([400, 'RootDirectoryNotAllowed'])
    }))

  test('refuses bad names, and makes no parent for them', () =>
    using({}, async ({ mkdir, code, names }) => {
      expect(await code(mkdir('p/a%3Ab'))).toEqual([400, 'IllegalFileName'])
      expect(await code(mkdir(`p/${'n'.repeat(256)}`))).toEqual([400, 'DirectoryNameLengthExceed'])
      expect((await mkdir('é'.repeat(255))).status).toBe(201)
      expect(await names('')).toEqual(['é'.repeat(255)])
    }))

  test('gives back attributes that were sent, meta keys with their prefix', () =>
    using({ strict: true }, async ({ call, at }) => {
      const body = { metaData: { color: 'red' }, localCreationTime: '2020-01-01T00:00:00+08:00' }
      const made = await call('PUT', at('directory', 'd'), body)
      expect(made.body).toMatchObject({ ...body, metaData: { 'x-smh-meta-color': 'red' } })
    }))

  test.each(['a/b', 'a%2Fb', '%2Fa%2Fb', '/a/b', 'a/b/', '%2Fa/b%2F'])('understands the spelling %s', (path) =>
    using({}, async ({ mkdir, call, at }) => {
      expect((await mkdir(path)).status).toBe(201)
      const { body } = await call('GET', `${at('directory', 'a/b')}?info=1`)
      expect(body).toMatchObject({ path: ['a', 'b'], type: 'dir' })
    }),
  )

  test.each(['', '/', '/%2F'])('lists the root as "%s"', (path) =>
    using({}, async ({ mkdir, call, at }) => {
      await mkdir('x')
      const { body } = await call('GET', `${at('directory')}${path}?by-marker=1`)
      expect(body).toMatchObject({ path: [], contents: [{ name: 'x' }] })
    }),
  )
})

describe('listing', () => {
  const filled = async ({ mkdir, upload }: Parameters<Parameters<typeof using>[1]>[0]) => {
    for (const name of ['d2', 'd1']) await mkdir(`l/${name}`)
    for (const [name, text] of [
      ['b.txt', 'xxx'],
      ['a.txt', 'xxxxx'],
      ['c.pdf', 'x'],
    ] as const)
      await upload(`l/${name}`, text)
  }

  test('puts directories first, unless the orders are to be one', () =>
    using({ strict: true }, async (client) => {
      await filled(client)
      expect(await client.names('l')).toEqual(['d1', 'd2', 'a.txt', 'b.txt', 'c.pdf'])
      expect(await client.names('l', 'by-marker=1&sort_type=union&order_by_type=desc')).toEqual([
        ...['d2', 'd1', 'c.pdf', 'b.txt', 'a.txt'],
      ])
      expect(await client.names('l', 'by-marker=1&order_by=size&filter=onlyFile')).toEqual(['c.pdf', 'b.txt', 'a.txt'])
      expect(await client.names('l', 'by-marker=1&prefix=b')).toEqual(['b.txt'])
      expect(await client.names('l', 'by-marker=1&start_name=a.txt&filter=onlyFile')).toEqual(['b.txt', 'c.pdf'])
    }))

  test.each(['order_by=name', 'order_by=size&order_by_type=desc', 'sort_type=union', 'orderBy=name&orderByType=desc'])(
    'by markers gives each entry once (%s)',
    (order) =>
      using({}, async (client) => {
        await filled(client)
        const seen: Array<string> = []
        let marker = ''
        for (let pages = 0; pages < 9; pages += 1) {
          const { body } = await client.call(
            'GET',
            `${client.at('directory', 'l')}?by-marker=1&limit=2&marker=${marker}&${order}`,
          )
          const { contents, nextMarker } = body as { contents: ReadonlyArray<{ name: string }>; nextMarker?: string }
          seen.push(...contents.map(({ name }) => name))
          if (nextMarker === undefined) break
          marker = nextMarker
        }
        expect(seen).toEqual(await client.names('l', `by-marker=1&${order}`))
        expect(new Set(seen).size).toBe(5)
      }),
  )

  test('goes on behind a marker although entries came and went', () =>
    using({}, async (client) => {
      await filled(client)
      const page = await client.call('GET', `${client.at('directory', 'l')}?by-marker=1&limit=3`)
      await client.call('DELETE', client.at('file', 'l/a.txt'))
      await client.mkdir('l/d0')
      const { nextMarker } = page.body as { nextMarker: string }
      expect(await client.names('l', `by-marker=1&marker=${nextMarker}`)).toEqual(['b.txt', 'c.pdf'])
    }))

  test('by pages gives counts and no marker', () =>
    using({ strict: true }, async (client) => {
      await filled(client)
      const { body } = await client.call('GET', `${client.at('directory', 'l')}?by-page=1&page=2&page_size=2`)
      expect(body).toMatchObject({
        fileCount: 3,
        subDirCount: 2,
        totalNum: 5,
        contents: [{ name: 'a.txt' }, { name: 'b.txt' }],
      })
      expect(body).not.toHaveProperty('nextMarker')
    }))

  test('has numeric markers, empty last markers and markers on full last pages by choice', () =>
    using({ behaviour: { nextMarker: 'number', lastMarker: 'empty', markerOnFullLastPage: true } }, async (client) => {
      await filled(client)
      const page = async (query: string) =>
        (await client.call('GET', `${client.at('directory', 'l')}?by-marker=1&${query}`)).body
      expect(await page('limit=5')).toMatchObject({ nextMarker: 5 })
      expect(await page('limit=5&marker=5')).toMatchObject({ nextMarker: '', contents: [] })
      expect(await page('limit=4&marker=1')).toMatchObject({ contents: [{ name: 'd2' }, {}, {}, { name: 'c.pdf' }] })
    }))

  test('short pages lose nothing', () =>
    using({ faults: 'short=0.7', seed: 3 }, async (client) => {
      for (let i = 0; i < 12; i += 1) await client.mkdir(`l/n${i % 3}${i}`)
      const seen: Array<string> = []
      let marker: string | undefined = ''
      let pages = 0
      for (; marker !== undefined; pages += 1) {
        const { body } = await client.call('GET', `${client.at('directory', 'l')}?by-marker=1&limit=3&marker=${marker}`)
        const page = body as { contents: ReadonlyArray<{ name: string }>; nextMarker?: string }
        seen.push(...page.contents.map(({ name }) => name))
        marker = page.nextMarker
      }
      expect(seen).toHaveLength(12)
      expect(new Set(seen).size).toBe(12)
      expect(pages).toBeGreaterThan(4)
    }))

  test('answers 304 to the eTag of an unchanged directory only', () =>
    using({}, async ({ mkdir, call, at, upload }) => {
      await mkdir('l')
      const { body } = await call('GET', `${at('directory', 'l')}?by-marker=1`)
      const { eTag } = body as { eTag: string }
      const again = () =>
        call('GET', `${at('directory', 'l')}?by-marker=1`, undefined, { headers: { 'if-none-match': eTag } })
      expect((await again()).status).toBe(304)
      await upload('l/f', 'x')
      expect((await again()).status).toBe(200)
    }))

  test('refuses a file, a missing directory, a limit that is too large and a marker it did not give', () =>
    using({}, async ({ call, at, upload, code }) => {
      await upload('f', 'x')
      const list = (path: string, query: string) => code(call('GET', `${at('directory', path)}?by-marker=1&${query}`))
      expect(await list('f', '')).toEqual([404, 'DirectoryNotFound'])
      expect(await list('g', '')).toEqual([404, 'DirectoryNotFound'])
      expect(await list('', 'limit=1001')).toEqual([400, 'ParamInvalid'])
      expect(await list('', 'limit=0')).toEqual([400, 'ParamInvalid'])
      expect(await list('', 'marker=%21%21')).toEqual([404, 'MarkerNotFound'])
      expect(await list('', 'order_by=colour')).toEqual([400, 'OrderByNotAllowed'])
    }))

  test('refuses the old form by choice', () =>
    using({ behaviour: { closeOldList: true } }, async ({ call, at, code }) => {
      expect(await code(call('GET', at('directory')))).toEqual([400, 'CloseOldList'])
    }))
})

describe('moving and copying directories', () => {
  test('move answers 204 under ask and 200 with the path under rename, making parents', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, names }) => {
      await mkdir('a/b')
      await upload('a/b/f', 'x')
      const moved = await call('PUT', at('directory', 'n/m'), { from: 'a/b' })
      expect([moved.status, moved.text]).toEqual([204, ''])
      await mkdir('a/b')
      const renamed = await call('PUT', `${at('directory', 'n/m')}?conflict_resolution_strategy=rename`, {
        from: '/a/b',
      })
      expect([renamed.status, renamed.body]).toEqual([200, { path: ['n', 'm (1)'] }])
      expect(await names('n/m')).toEqual(['f'])
      expect(await names('a')).toEqual([])
    }))

  test('copy leaves the source, copies below it, and does not merge', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, names, code }) => {
      await mkdir('a/b')
      await upload('a/b/f', 'x')
      expect((await call('PUT', at('directory', 'c'), { copyFrom: 'a' })).status).toBe(204)
      expect([await names('a/b'), await names('c/b')]).toEqual([['f'], ['f']])
      expect(await code(call('PUT', at('directory', 'c'), { copyFrom: 'a' }))).toEqual([
        409,
        'SameNameDirectoryOrFileExists',
      ])
      const again = await call('PUT', `${at('directory', 'c')}?conflict_resolution_strategy=rename`, { copyFrom: 'a' })
      expect([again.status, again.body]).toEqual([200, { path: ['c (1)'] }])
    }))

  test('refuse themselves as target, what is missing, files and the root', () =>
    using({}, async ({ mkdir, upload, call, at, code, names }) => {
      await mkdir('a')
      await upload('f', 'x')
      for (const verb of ['from', 'copyFrom']) {
        const put = (to: string, from: string) => code(call('PUT', at('directory', to), { [verb]: from }))
        expect(await put('a/x/y', 'a')).toEqual([400, 'SourceDirectoryIsParentOfDestination'])
        expect(await put('z/y', 'nothing')).toEqual([404, 'SourceDirectoryNotFound'])
        expect(await put('z/y', 'f')).toEqual([400, 'FileTypeNotMatched'])
        expect(await put('f/y', 'a')).toEqual([409, 'SameNameDirectoryOrFileExists'])
        expect(await put('a', 'a')).toEqual([409, 'SameNameDirectoryOrFileExists'])
        expect(await put('', 'a')).toEqual([400, 'RootDirectoryNotAllowed'])
      }
      expect(await names('')).toEqual(['a', 'f'])
    }))

  test('answer in the variants that sources disagree about', () =>
    using(
      { behaviour: { placedDirectory: 'created', createPath: 'always', createStatus: 200 } },
      async ({ mkdir, call, at }) => {
        expect(await mkdir('a')).toMatchObject({ status: 200, body: { path: ['a'] } })
        expect(await call('PUT', at('directory', 'b'), { copyFrom: 'a' })).toMatchObject({
          status: 201,
          body: { path: ['b'] },
        })
      },
    ))
})

describe('moving and copying files', () => {
  test('rename by default, replace under overwrite, fail under ask', () =>
    using({ strict: true }, async ({ upload, call, at, names, code }) => {
      await upload('a.txt', 'one')
      await upload('b.txt', 'two!')
      const put = (to: string, body: object, strategy = '') =>
        call('PUT', `${at('file', to)}${strategy === '' ? '' : `?conflict_resolution_strategy=${strategy}`}`, body)
      expect(await put('b.txt', { copyFrom: 'a.txt' })).toMatchObject({ status: 200, body: { path: ['b (1).txt'] } })
      expect(await code(put('b.txt', { copyFrom: 'a.txt' }, 'ask'))).toEqual([409, 'SameNameDirectoryOrFileExists'])
      expect(await put('b.txt', { copyFrom: 'a.txt' }, 'overwrite')).toMatchObject({ body: { path: ['b.txt'] } })
      expect((await call('GET', `${at('directory', 'b.txt')}?info`)).body).toMatchObject({ size: '3', versionId: 2 })
      expect(await put('b.txt', { from: 'b (1).txt' }, 'overwrite')).toMatchObject({ body: { path: ['b.txt'] } })
      expect(await names('')).toEqual(['a.txt', 'b.txt'])
    }))

  test('make no parents, replace no directory, and keep a file that overwrites itself', () =>
    using({}, async ({ upload, mkdir, call, at, code, names }) => {
      await upload('a.txt', 'one')
      await mkdir('d')
      const put = (to: string, from: string) =>
        call('PUT', `${at('file', to)}?conflict_resolution_strategy=overwrite`, { from })
      expect(await code(put('x/a.txt', 'a.txt'))).toEqual([404, 'DirectoryNotFound'])
      expect(await code(put('d', 'a.txt'))).toEqual([409, 'SameNameDirectoryOrFileExists'])
      expect(await code(put('e', 'd'))).toEqual([400, 'FileTypeNotMatched'])
      expect(await code(put('e', 'missing'))).toEqual([404, 'SourceFileNotFound'])
      expect(await put('a.txt', 'a.txt')).toMatchObject({ status: 200, body: { path: ['a.txt'] } })
      expect(await names('')).toEqual(['d', 'a.txt'])
    }))

  test.each([
    ['1.jpg', '1 (1).jpg'],
    ['.profile', '.profile (1)'],
    ['a.tar.gz', 'a.tar (1).gz'],
    ['noext', 'noext (1)'],
    ['x (1).txt', 'x (1) (1).txt'],
  ])('call a second %s %s', (name, second) =>
    using({}, async ({ upload, call, at }) => {
      const path = encodeURIComponent(name)
      await upload(path, 'x')
      const { body } = await call('PUT', at('file', path), { copyFrom: name })
      expect(body).toEqual({ path: [second] })
    }),
  )
})

describe('deleting', () => {
  test('goes to the recycle bin, or for good, recursively', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, code }) => {
      await mkdir('a/b')
      await upload('a/b/f', 'x')
      expect(await call('DELETE', at('file', 'a/b/f'))).toMatchObject({ status: 200, body: { recycledItemId: 1 } })
      expect(await call('DELETE', `${at('directory', 'a')}?permanent=1`)).toMatchObject({ status: 204, text: '' })
      expect(await code(call('DELETE', at('directory', 'a')))).toEqual([404, 'DirectoryNotFound'])
      expect(await code(call('DELETE', at('directory')))).toEqual([400, 'RootDirectoryNotAllowed'])
    }))

  test('tells the kinds apart', () =>
    using({}, async ({ mkdir, upload, call, at, code }) => {
      await mkdir('d')
      await upload('f', 'x')
      expect(await code(call('DELETE', at('file', 'd')))).toEqual([404, 'FileNotFound'])
      expect(await code(call('DELETE', at('directory', 'f')))).toEqual([404, 'DirectoryNotFound'])
      expect((await call('HEAD', at('directory', 'f'))).status).toBe(404)
    }))
})

describe('info and the rest', () => {
  test('says what a path is, or which part of it is missing', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, code }) => {
      await mkdir('d')
      await upload('d/f.docx', 'hello')
      const info = (path: string) => call('GET', `${at('directory', path)}?info=1&with_inode=1`)
      expect((await info('d/f.docx')).body).toMatchObject({
        ...{
          path: ['d', 'f.docx'],
          name: 'f.docx',
          type: 'file',
          size: '5',
          crc64: '11177612005948864433',
          userId: 'u1',
        },
        ...{ fileType: 'word', versionId: 1, eTag: '"5d41402abc4b2a76b9719d911017c592"' },
      })
      expect(await code(info('d/g'))).toEqual([404, 'FileNotFound'])
      expect(await code(info('x/g'))).toEqual([404, 'DirectoryNotFound'])
      expect((await info('')).body).toMatchObject({ path: [], type: 'dir' })
    }))

  test('finds by inode, updates attributes, counts below', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, code }) => {
      await mkdir('d/e')
      await upload('d/f', 'hello')
      const update = { metaData: { a: '1', b: '2' }, metaDataDirective: 'merge' }
      expect((await call('POST', `${at('directory', 'd/f')}?update`, update)).status).toBe(204)
      expect((await call('POST', `${at('directory', 'd/f')}?update`, { metaData: { b: null } })).status).toBe(204)
      const { body } = await call('GET', `${at('directory', 'd/f')}?info&with_inode=1`)
      expect(body).toMatchObject({ metaData: { 'x-smh-meta-a': '1' } })
      const { inode } = body as { inode: string }
      expect((await call('GET', at('inode', inode))).body).toMatchObject({ path: ['d', 'f'] })
      expect(await code(call('GET', at('inode', 'f'.repeat(32))))).toEqual([404, 'PathNotFound'])
      expect((await call('GET', `${at('directory', 'd')}?stats&stats_type=normal`)).body).toMatchObject({
        ...{ storage: 5, fileCount: 1, dirCount: 1, statsType: 'normal' },
      })
    }))

  test('makes links that survive moves, and virtual files without bytes', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, code }) => {
      await mkdir('d')
      await upload('f', 'hello')
      expect(await call('PUT', at('file', 'd/l'), { linkTo: 'f' })).toMatchObject({
        status: 200,
        body: { path: ['d', 'l'] },
      })
      await call('PUT', at('file', 'g'), { from: 'f' })
      expect((await call('GET', `${at('directory', 'd/l')}?info`)).body).toMatchObject({ type: 'symlink', size: '5' })
      expect(await code(call('PUT', at('file', 'k'), { linkTo: 'd' }))).toEqual([400, 'SymlinkToDirectoryNotAllowed'])
      expect(await call('PUT', `${at('file', 'v')}?virtual_file`, { size: 9 })).toMatchObject({
        body: { type: 'virtual' },
      })
      expect((await call('GET', `${at('directory', 'v')}?info`)).body).toMatchObject({ type: 'virtual', size: '9' })
      expect(await code(call('GET', at('file', 'v')))).toEqual([404, 'FileNotFound'])
    }))
})

test('knobs can be turned while it runs', () =>
  using({}, async ({ emulator, mkdir }) => {
    emulator.behave({ createPath: 'always' })
    expect((await mkdir('a')).body).toMatchObject({ path: ['a'] })
    emulator.behave({ createStatus: 200 })
    expect(await mkdir('b')).toMatchObject({ status: 200, body: { path: ['b'] } })
  }))

test('a directory of 20,000 entries comes in pages, each entry once', () =>
  using({ behaviour: { asyncThreshold: 1_000_000 } }, async ({ mkdir, call, at }) => {
    await mkdir('src')
    const items = Array.from({ length: 1000 }, (_, i) => ({
      copyFrom: 'src',
      to: `big/${String(i)}`,
      conflictResolutionStrategy: 'ask',
    }))
    for (let round = 0; round < 20; round += 1)
      await call(
        'POST',
        `${at('batch')}?copy`,
        items.map((item) => ({ ...item, to: `${item.to}-${round}` })),
      )
    const page = async (query: string) =>
      (await call('GET', `${at('directory', 'big')}?by-marker=1&limit=1000&${query}`)).body as {
        contents: Array<unknown>
        nextMarker?: string
      }
    const seen = new Set<unknown>()
    for (let marker: string | undefined = ''; marker !== undefined;) {
      const { contents, nextMarker } = await page(`marker=${marker}`)
      for (const entry of contents) seen.add((entry as { name: string }).name)
      marker = nextMarker
    }
    expect(seen.size).toBe(20_000)
  }))
