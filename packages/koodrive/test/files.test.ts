import { fromBytes, readBytes, type Json, type UploadRef, type UploadSource } from '@anydrive/core'
import { createHash, randomBytes } from 'node:crypto'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import { counted, hold, left, p, read, right, startBench, tree, write, type Bench } from './bench'

const mib = 1024 * 1024
let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('writeFile and readFile', () => {
  test('a small file takes four requests to write and two to read', async () => {
    const drive = bench.open()
    await right(drive.createDir(p('a')))
    const requests = await counted(bench.emulator, async () => {
      const written = await write(drive, 'a/f', 'hello', { contentType: 'text/x-test' })
      expect(written).toMatchObject({
        path: 'a/f',
        how: 'as-asked',
        replaced: false,
        evidence: 'vendor-checked:sha256',
        size: 5,
      })
    })
    expect(requests).toEqual({ createFile: 1, putPart: 1, completeFile: 1, renameFile: 1 })
    expect(await counted(bench.emulator, () => read(drive, 'a/f'))).toEqual({ downloadUrls: 1, getObject: 1 })
    expect(await right(bench.open().stat(p('a/f')))).toMatchObject({ contentType: 'text/x-test', size: 5 })
  })

  test('an empty file is an ordinary file', async () => {
    const drive = bench.open()
    expect(await write(drive, 'empty', '')).toMatchObject({ size: 0 })
    expect(await read(bench.open(), 'empty')).toBe('')
  })

  test('missing parents are made, or required', async () => {
    const drive = bench.open()
    await write(drive, 'a/b/f')
    expect(await left(drive.writeFile(p('q/y/f'), fromBytes(''), { parents: 'require' }), 'NotFound')).toMatchObject({
      what: 'parent',
      at: 'q',
    })
    expect(await left(drive.writeFile(p('a/b/f/g'), fromBytes('')), 'WrongKind')).toMatchObject({ at: 'a/b/f' })
  })

  test('ranges are read by the byte', async () => {
    const drive = bench.open()
    await write(drive, 'f', '0123456789')
    const part = async (range: object) =>
      Buffer.from(
        await right(readBytes(await right(drive.readFile(p('f'), { range: range as { start: number } })))),
      ).toString()
    expect(await part({ start: 2, end: 5 })).toBe('234')
    expect(await part({ start: 7 })).toBe('789')
    expect(await part({ start: 0, end: 1 })).toBe('0')
    expect(await part({ start: 9, end: 99 })).toBe('9')
    await left(drive.readFile(p('f'), { range: { start: 10 } }), 'RangeNotSatisfiable')
  })

  test('a directory cannot be read', async () => {
    const drive = bench.open()
    await right(drive.createDir(p('d')))
    expect((await left(drive.readFile(p('d')), 'WrongKind')).expected).toBe('file')
  })

  test('links asked for within one tick share one request', async () => {
    const drive = bench.open()
    const names = Array.from({ length: 8 }, (_, i) => `f${i}`)
    for (const name of names) await write(drive, name)
    const requests = await counted(bench.emulator, async () => {
      expect(await Promise.all(names.map((name) => read(drive, name)))).toEqual(names)
    })
    expect(requests).toEqual({ downloadUrls: 1, getObject: 8 })
  })

  test('one link that fails does not fail the others', async () => {
    const drive = bench.open()
    await write(drive, 'a')
    await write(drive, 'b')
    await right(bench.open().batchRemove([p('a')]))
    const [a, b] = await Promise.all([drive.readFile(p('a'))(), read(drive, 'b')])
    expect(E.isLeft(a)).toBe(true)
    expect(b).toBe('b')
  })

  test('a download that breaks off is resumed', async () => {
    const drive = bench.open()
    const bytes = randomBytes(3 * mib)
    await right(drive.writeFile(p('f'), fromBytes(bytes)))
    bench.emulator.faults.next('getObject', 'get')
    const got = await right(readBytes(await right(drive.readFile(p('f')))))
    expect(sha256(got)).toBe(sha256(bytes))
    expect(bench.emulator.faults.dealt().get).toBe(1)
  })

  test('a version that no longer holds is refused, for reading and for writing', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'one')
    const entry = await right(drive.stat(p('f')))
    const version = entry.kind === 'file' ? entry.version : undefined
    expect(version).toBeDefined()
    await right(drive.readFile(p('f'), { ifVersion: version }))
    await write(bench.open(), 'f', 'two', { conflict: 'overwrite' })
    await left(bench.open().readFile(p('f'), { ifVersion: version }), 'PreconditionFailed')
    await left(
      bench.open().writeFile(p('f'), fromBytes('three'), { ifVersion: version, conflict: 'overwrite' }),
      'PreconditionFailed',
    )
  })

  test('a time of creation given comes back to the second', async () => {
    const createdAt = new Date('2019-01-02T03:04:05.678Z')
    const written = await write(bench.open(), 'f', 'x', { createdAt })
    const seen = await right(bench.open().stat(p('f')))
    expect(seen.createdAt).toEqual(new Date('2019-01-02T03:04:05Z'))
    expect(written.createdAt).toEqual(seen.createdAt)
  })
})

describe('conflicts', () => {
  test('ask refuses a taken name, whatever has it', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    await right(drive.createDir(p('d')))
    expect((await left(drive.writeFile(p('f'), fromBytes('new')), 'NameConflict')).existing).toMatchObject({
      kind: 'file',
    })
    expect((await left(drive.writeFile(p('d'), fromBytes('new')), 'NameConflict')).existing).toMatchObject({
      kind: 'directory',
    })
    expect(await read(drive, 'f')).toBe('old')
  })

  test('rename answers with the name that the service chose', async () => {
    const drive = bench.open()
    await write(drive, 'f.txt', 'old')
    const written = await write(drive, 'f.txt', 'new', { conflict: 'rename' })
    expect(written.how).toBe('renamed')
    expect(written.path).toMatch(/^f_\d{8}_\d{6}\.txt$/)
    expect(await read(bench.open(), written.path)).toBe('new')
  })

  test('rename reads the name back where it is decided at the end only', async () => {
    bench.emulator.behave({ pendingHoldsName: false })
    const drive = bench.open()
    let meanwhile: Promise<unknown> | undefined
    const source: UploadSource = {
      size: 3,
      open: () => async () => {
        meanwhile ??= write(bench.open(), 'f', 'old')
        await meanwhile
        return E.right(Readable.from([Buffer.from('new')]))
      },
    }
    const written = await right(drive.writeFile(p('f'), source, { conflict: 'rename' }))
    expect(written.how).toBe('renamed')
    expect(await read(bench.open(), written.path)).toBe('new')
    expect(await read(bench.open(), 'f')).toBe('old')
  })

  test('overwrite replaces a file, and the old one lies in the bin', async () => {
    const drive = bench.open()
    await write(drive, 'a/f', 'old')
    const requests = await counted(bench.emulator, async () => {
      expect(await write(drive, 'a/f', 'new', { conflict: 'overwrite' })).toMatchObject({
        path: 'a/f',
        how: 'as-asked',
        replaced: true,
      })
    })
    expect(requests).toEqual({
      createFile: 1,
      putPart: 1,
      completeFile: 1,
      fullPath: 1,
      renameFile: 2,
      createJob: 1,
      jobDetail: 2,
    })
    expect(await tree(bench.open())).toEqual(['a/', 'a/f'])
    expect(await read(bench.open(), 'a/f')).toBe('new')
  })

  test('overwrite where nothing is known finds out by a clash', async () => {
    await write(bench.open(), 'f', 'old')
    expect(await write(bench.open(), 'f', 'new', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
    expect(await read(bench.open(), 'f')).toBe('new')
    expect(await tree(bench.open())).toEqual(['f'])
  })

  test('overwrite of what is not there writes it', async () => {
    const drive = bench.open()
    const requests = await counted(bench.emulator, async () => {
      expect(await write(drive, 'f', 'new', { conflict: 'overwrite' })).toMatchObject({
        replaced: false,
        how: 'as-asked',
      })
    })
    expect(requests).toEqual({ createFile: 1, putPart: 1, completeFile: 1, renameFile: 1 })
  })

  test('overwrite of a file that is gone meanwhile writes it', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    await right(bench.open().batchRemove([p('f')]))
    expect(await write(drive, 'f', 'new', { conflict: 'overwrite' })).toMatchObject({ replaced: false })
    expect(await read(bench.open(), 'f')).toBe('new')
    expect(await tree(bench.open())).toEqual(['f'])
  })

  test('overwrite replaces no directory', async () => {
    const drive = bench.open()
    await right(drive.createDir(p('d')))
    await left(drive.writeFile(p('d'), fromBytes('x'), { conflict: 'overwrite' }), 'NameConflict')
    expect(await tree(drive)).toEqual(['d/'])
  })

  test('the replaced file is purged where the settings say so', async () => {
    bench.emulator.behave({ purgeLive: false })
    const drive = bench.open({ overwritten: 'purge' })
    await write(drive, 'f', 'old')
    await write(drive, 'f', 'new', { conflict: 'overwrite' })
    expect(await tree(bench.open())).toEqual(['f'])
    expect((await right(drive.usage())).used).toBe(3)
  })

  test('a name held by an unfinished upload is Unavailable; under overwrite too', async () => {
    await hold(bench, 'f')
    await left(bench.open().writeFile(p('f'), fromBytes('x')), 'Unavailable')
    await left(bench.open().writeFile(p('f'), fromBytes('x'), { conflict: 'overwrite' }), 'Unavailable')
  })
})

describe('overwrite, when a step fails', () => {
  const steps = [
    ['the new file cannot be announced', 'createFile', 1],
    ['its bytes do not arrive', 'putPart', 1],
    ['it cannot be completed', 'completeFile', 1],
    ['the path cannot be read', 'fullPath', 1],
    ['the old file cannot be set aside', 'renameFile', 1],
  ] as const

  test.each(steps)('%s: nothing is changed, and nothing is left', async (_, endpoint) => {
    const drive = bench.open({ http: { attempts: 1 } })
    await write(drive, 'f', 'old')
    bench.emulator.faults.next(endpoint, '5xx', 3)
    expect(E.isLeft(await drive.writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite' })())).toBe(true)
    bench.emulator.faults.clear()
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe('old')
  })

  test('the new file cannot take its name: the old one is put back', async () => {
    const drive = bench.openWatched('rename', 2, () => bench.emulator.faults.next('renameFile', '5xx', 3))
    await write(drive, 'f', 'old')
    const answer = await drive.writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite' })()
    expect(answer).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(bench.emulator.faults.dealt()['5xx']).toBe(3)
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe('old')
  })

  test('the new file cannot take its name, and the old one not be put back: the error says what stands', async () => {
    const drive = bench.openWatched('rename', 2, () => bench.emulator.faults.next('renameFile', '5xx', 20))
    await write(drive, 'f', 'old')
    const error = await left(drive.writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite' }), 'TaskFailed')
    bench.emulator.faults.clear()
    expect(error.partial).toMatch(/^f\.anydrive-[0-9a-f]{12}$/)
    expect(await read(bench.open(), String(error.partial))).toBe('old')
    expect(await tree(bench.open())).toContain(error.partial)
  })

  test.each([
    ['5xx', 3],
    ['item', 1],
    ['task', 1],
  ] as const)(
    'the old file cannot go (%s): the new one is in place, and the error names the old one',
    async (kind, times) => {
      const drive = bench.open()
      await write(drive, 'f', 'old')
      bench.emulator.faults.next('createJob', kind, times)
      const error = await left(drive.writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite' }), 'TaskFailed')
      expect(error.partial).toMatch(/^f\.anydrive-[0-9a-f]{12}$/)
      expect(await tree(bench.open())).toEqual(['f', error.partial])
      expect(await read(bench.open(), 'f')).toBe('new')
      expect(await read(bench.open(), String(error.partial))).toBe('old')
    },
  )

  test('an abort in the middle is followed by the end or the undoing, never by half of it', async () => {
    const controller = new AbortController()
    const drive = bench.openWatched('rename', 2, () => controller.abort())
    await write(drive, 'f', 'old')
    const answer = await drive.writeFile(p('f'), fromBytes('new'), {
      conflict: 'overwrite',
      signal: controller.signal,
    })()
    expect(await tree(bench.open())).toEqual(['f'])
    expect(await read(bench.open(), 'f')).toBe(E.isRight(answer) ? 'new' : 'old')
  })

  test.each(['createFile', 'completeFile', 'renameFile', 'createJob', 'fullPath'] as const)(
    'an answer of %s that got lost changes nothing',
    async (endpoint) => {
      const drive = bench.open()
      await write(drive, 'f', 'old')
      bench.emulator.faults.next(endpoint, 'lost')
      expect(await write(drive, 'f', 'new', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
      expect(await tree(bench.open())).toEqual(['f'])
      expect(await read(bench.open(), 'f')).toBe('new')
    },
  )

  test('a leftover of a crashed operation is not touched', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    const crashing = await drive.writeFile(p('f'), fromBytes('new'), {
      conflict: 'overwrite',
      onCheckpoint: (ref) => ((ref.state as { complete: boolean }).complete ? TE.left(stopped) : TE.right(undefined)),
    })()
    expect(E.isLeft(crashing)).toBe(true)
    expect((await tree(bench.open())).length).toBe(2)
    expect(await write(drive, 'f', 'third', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
    expect(await read(bench.open(), 'f')).toBe('third')
    expect((await tree(bench.open())).length).toBe(2)
  })
})

const stopped = { _tag: 'Aborted', effect: 'none', vendor: 'test', operation: 'writeFile', message: 'stopped' } as const

describe('uploads in parts', () => {
  const bytes = randomBytes(11 * mib)
  const parts = { partSize: 5 * mib }

  test('parts are sent one after another, in as many requests and three', async () => {
    const drive = bench.open(parts)
    const progress: Array<number> = []
    const requests = await counted(bench.emulator, () =>
      right(drive.writeFile(p('big'), fromBytes(bytes), { onProgress: (n) => progress.push(n) })),
    )
    expect(requests).toEqual({ createFile: 1, putPart: 3, completeFile: 1, renameFile: 1 })
    expect(progress[progress.length - 1]).toBe(bytes.length)
    expect(sha256(await right(readBytes(await right(bench.open().readFile(p('big'))))))).toBe(sha256(bytes))
  })

  test.each(['put', 'lost', '5xx'] as const)(
    'a part that meets %s is sent again, and counted once in the digest',
    async (kind) => {
      const drive = bench.open(parts)
      bench.emulator.faults.next('putPart', kind)
      await right(drive.writeFile(p('big'), fromBytes(bytes)))
      expect(sha256(await right(readBytes(await right(bench.open().readFile(p('big'))))))).toBe(sha256(bytes))
    },
  )

  test('URLs that have expired are asked for again', async () => {
    bench.emulator.behave({ urlLifeMs: 0 })
    const drive = bench.open(parts)
    const source = fromBytes(bytes)
    let opened = 0
    const requests = await counted(bench.emulator, () =>
      right(
        drive.writeFile(p('big'), {
          ...source,
          open: (range, signal) => {
            if (++opened === 1) bench.emulator.behave({ urlLifeMs: 3_600_000 })
            return source.open(range, signal)
          },
        }),
      ),
    )
    expect(requests['uploadUrl']).toBe(1)
    expect(await right(bench.open().stat(p('big')))).toMatchObject({ size: bytes.length })
  })

  test('an upload goes on in another process, and sends only the parts that were missing', async () => {
    const refs: Array<UploadRef> = []
    const stopAfter = 3
    const first = await bench.open(parts).writeFile(p('big'), fromBytes(bytes), {
      onCheckpoint: (ref) => {
        refs.push(JSON.parse(JSON.stringify(ref)) as UploadRef)
        return refs.length < stopAfter ? TE.right(undefined) : TE.left(stopped)
      },
    })()
    expect(first).toMatchObject({ left: { _tag: 'Aborted' } })
    const resume = refs[refs.length - 1]
    expect(JSON.stringify(resume)).not.toMatch(/http|sign|token/i)
    const requests = await counted(bench.emulator, () =>
      right(bench.open(parts).writeFile(p('big'), fromBytes(bytes), { resume })),
    )
    expect(requests).toMatchObject({ putPart: 1, uploadUrl: 1, completeFile: 1 })
    expect(requests['createFile']).toBeUndefined()
    expect(sha256(await right(readBytes(await right(bench.open().readFile(p('big'))))))).toBe(sha256(bytes))
  })

  test('an upload that the service has forgotten, or of something else, is NotFound', async () => {
    const drive = bench.open()
    const resume = (state: Json) =>
      left(drive.writeFile(p('f'), fromBytes('x'), { resume: { vendor: 'koodrive', state } }), 'NotFound')
    const state = {
      fileId: 'Fgone',
      path: 'f',
      name: 'f',
      temporary: true,
      size: 1,
      partSize: 5 * mib,
      sent: 0,
      complete: false,
    }
    expect((await resume(state)).what).toBe('upload')
    expect((await resume({ ...state, size: 2 })).what).toBe('upload')
    expect((await resume({ ...state, path: 'g' })).what).toBe('upload')
    expect((await resume('nonsense')).what).toBe('upload')
  })

  test('an overwrite that stopped before the exchange goes on with it, or is abandoned', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    const begin = async (): Promise<UploadRef> => {
      let ref: UploadRef | undefined
      await drive.writeFile(p('f'), fromBytes('new'), {
        conflict: 'overwrite',
        onCheckpoint: (its) => {
          ref = its
          return (its.state as { complete: boolean }).complete ? TE.left(stopped) : TE.right(undefined)
        },
      })()
      if (ref === undefined) throw new Error('no checkpoint')
      return ref
    }
    await right(drive.abandonUpload(await begin()))
    expect(await tree(bench.open())).toEqual(['f'])
    const ref = await begin()
    const requests = await counted(bench.emulator, () =>
      right(bench.open().writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite', resume: ref })),
    )
    expect(requests['putPart']).toBeUndefined()
    expect(await read(bench.open(), 'f')).toBe('new')
    expect(await tree(bench.open())).toEqual(['f'])
    await right(drive.abandonUpload(ref))
    expect(await read(bench.open(), 'f')).toBe('new')
  })
})

describe('sources', () => {
  test('a content that the service holds is not sent, where its digest is known', async () => {
    const drive = bench.open()
    await write(drive, 'one', 'same')
    const source = { ...fromBytes('same'), checksums: { sha256: sha256(Buffer.from('same')) } }
    const requests = await counted(bench.emulator, () => right(drive.writeFile(p('two'), source)))
    expect(requests).toEqual({ createFile: 1, renameFile: 1 })
    expect(await read(bench.open(), 'two')).toBe('same')
  })

  test('a setting has the digest computed beforehand', async () => {
    const drive = bench.open({ hashFirst: true })
    await write(drive, 'one', 'same')
    expect(await counted(bench.emulator, () => write(drive, 'two', 'same'))).toEqual({
      createFile: 1,
      renameFile: 1,
    })
    expect(await write(drive, 'one', 'same', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
    expect(await tree(bench.open())).toEqual(['one', 'two'])
  })

  test('an instant upload whose answer was lost is found', async () => {
    const drive = bench.open({ hashFirst: true })
    await write(drive, 'one', 'same')
    bench.emulator.faults.next('createFile', 'lost')
    const written = await write(drive, 'two', 'same')
    expect(await right(bench.open().stat(p('two')))).toMatchObject({ id: written.id })
    expect(await tree(bench.open())).toEqual(['one', 'two'])
  })

  test('a source that is not what its checksum says appears nowhere', async () => {
    const drive = bench.open()
    const source = { ...fromBytes('bytes'), checksums: { sha256: sha256(Buffer.from('other')) } }
    expect((await left(drive.writeFile(p('f'), source), 'ChecksumMismatch')).algorithm).toBe('sha256')
    expect(await tree(bench.open())).toEqual([])
  })

  test.each([
    ['shorter', Buffer.from('ab')],
    ['longer', Buffer.from('abcd')],
  ])('a source that is %s than it says is SourceFailed, and nothing appears', async (reason, content) => {
    const source: UploadSource = { size: 3, open: () => () => Promise.resolve(E.right(Readable.from([content]))) }
    expect((await left(bench.open().writeFile(p('f'), source), 'SourceFailed')).reason).toBe(reason)
    expect(await tree(bench.open())).toEqual([])
  })

  test('an abort ends an upload, and nothing appears', async () => {
    const controller = new AbortController()
    const source: UploadSource = {
      size: 100,
      open: () => () => {
        controller.abort()
        return Promise.resolve(E.right(new Readable({ read: () => undefined })))
      },
    }
    await left(bench.open().writeFile(p('f'), source, { signal: controller.signal }), 'Aborted')
    expect(await tree(bench.open())).toEqual([])
  })

  test('a file beyond the quota or the size limit is refused', async () => {
    await left(bench.open().writeFile(p('f'), { ...fromBytes(''), size: 201 * 1024 ** 3 }), 'LimitExceeded')
    await bench.close()
    bench = await startBench({ spaces: [{ kind: 'personal', quotaBytes: 3 }] })
    await left(bench.open().writeFile(p('f'), fromBytes('four')), 'QuotaExceeded')
  })

  test('lost answers on every step of an upload are survived', async () => {
    const drive = bench.open()
    for (const endpoint of ['putPart', 'completeFile']) {
      bench.emulator.faults.next(endpoint, 'lost')
      await write(drive, endpoint)
    }
    expect(await tree(bench.open())).toEqual(['completeFile', 'putPart'])
  })
})
