// Uploads under temporary names: nobody else's name is taken before the end, nothing is left where it fails, and what was left can be freed.
import { fromBytes, type UploadRef } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import { counted, hold, left, p, read, right, startBench, tree, write, type Bench } from './bench'
import { instead, startProxy, type Proxy } from './proxy'
import type { KooDrive } from '../src'

let bench: Bench
let proxy: Proxy
beforeEach(async () => {
  bench = await startBench()
  proxy = await startProxy(bench)
})
afterEach(async () => {
  await proxy.close()
  await bench.close()
})

const stopped = { _tag: 'Aborted', effect: 'none', vendor: 'test', operation: 'writeFile', message: 'stopped' } as const
/** The state of an upload whose process died at the nth note. */
const killed = async (drive: KooDrive, nth: number, options: object = {}): Promise<UploadRef> => {
  const refs: Array<UploadRef> = []
  const died = await drive.writeFile(p('f'), fromBytes('new'), {
    ...options,
    onCheckpoint: (ref) => {
      refs.push(JSON.parse(JSON.stringify(ref)) as UploadRef)
      return refs.length <= nth ? TE.right(undefined) : TE.left(stopped)
    },
  })()
  const ref = refs.at(-1)
  if (E.isRight(died) || ref === undefined) throw new Error('it was to die')
  return ref
}

describe('an upload that was killed', () => {
  test.each([0, 1, 2])('at note %i does not hold the name, and goes on or is abandoned', async (nth) => {
    const drive = bench.open()
    const abandoned = await killed(drive, nth)
    await right(drive.abandonUpload(abandoned))
    expect(await tree(bench.open())).toEqual([])
    const resume = await killed(bench.open(), nth)
    await right(bench.open().writeFile(p('f'), fromBytes('new'), { resume }))
    expect(await read(bench.open(), 'f')).toBe('new')
    await right(drive.abandonUpload(resume))
    expect(await tree(bench.open())).toEqual(['f'])
  })

  test('leaves the name free for everybody', async () => {
    await killed(bench.open(), 0)
    await killed(bench.open(), 2)
    await write(bench.open(), 'f', 'theirs')
    expect(await read(bench.open(), 'f')).toBe('theirs')
  })

  test('with a note from before its end is freed all the same', async () => {
    const drive = bench.open()
    const refs: Array<UploadRef> = []
    await drive.writeFile(p('f'), fromBytes('new'), {
      onCheckpoint: (ref) => {
        refs.push(ref)
        return (ref.state as { complete: boolean }).complete ? TE.left(stopped) : TE.right(undefined)
      },
    })()
    expect(await tree(bench.open())).toHaveLength(1)
    const [first] = refs
    if (first === undefined) throw new Error('nothing was noted')
    await right(drive.abandonUpload(first))
    expect(await tree(bench.open())).toEqual([])
  })

  test.each(['via-temporary', 'direct'])(
    'with a note from before its end goes on where it was completed all the same: %s',
    async (uploads) => {
      const refs: Array<UploadRef> = []
      const controller = new AbortController()
      const note = (ref: UploadRef) => {
        refs.push(ref)
        return (ref.state as { complete: boolean }).complete ? TE.left(stopped) : TE.right(undefined)
      }
      const died = bench.openWatched('completeFile', 1, () => controller.abort(), { uploads })
      await died.writeFile(p('f'), fromBytes('new'), { onCheckpoint: note, signal: controller.signal })()
      expect(await tree(bench.open())).toHaveLength(1)
      const [resume] = refs
      await right(bench.open({ uploads }).writeFile(p('f'), fromBytes('new'), { resume }))
      expect(await read(bench.open(), 'f')).toBe('new')
      expect(await tree(bench.open())).toEqual(['f'])
    },
  )

  test('by an abort while its bytes are sent holds nothing either', async () => {
    const controller = new AbortController()
    const source = {
      size: 100,
      open: () => () => {
        controller.abort()
        return Promise.resolve(E.right(new Readable({ read: () => undefined })))
      },
    }
    expect(await left(bench.open().writeFile(p('f'), source, { signal: controller.signal }), 'Aborted')).toMatchObject({
      effect: 'none',
    })
    await write(bench.open(), 'f', 'second')
    expect(await tree(bench.open())).toEqual(['f'])
  })

  test('by an abort after its bytes were sent leaves nothing', async () => {
    const controller = new AbortController()
    const drive = bench.openWatched('completeFile', 1, () => controller.abort())
    const done = await drive.writeFile(p('f'), fromBytes('new'), { signal: controller.signal })()
    expect(await tree(bench.open())).toEqual(E.isRight(done) ? ['f'] : [])
  })

  test('while it replaced a file can be resumed although the file is in place', async () => {
    await write(bench.open(), 'f', 'old')
    const resume = await killed(bench.open(), 2, { conflict: 'overwrite' })
    const drive = bench.open()
    await right(drive.list(p('')))
    const again = { conflict: 'overwrite', resume } as const
    await right(drive.writeFile(p('f'), fromBytes('new'), again))
    await right(drive.list(p('')))
    await right(drive.writeFile(p('f'), fromBytes('new'), again))
    expect(await read(bench.open(), 'f')).toBe('new')
    expect(await tree(bench.open())).toEqual(['f'])
  })
})

describe('a taken name', () => {
  test('that is known is refused before anything is sent', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    const requests = await counted(bench.emulator, () =>
      left(drive.writeFile(p('f'), fromBytes('new')), 'NameConflict'),
    )
    expect(requests).toEqual({ fileDetail: 1 })
  })

  test('that is known, but free by now, is written', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'old')
    await right(bench.open().batchRemove([p('f')]))
    await write(drive, 'f', 'new')
    expect(await read(bench.open(), 'f')).toBe('new')
  })

  test.each(['ask', 'overwrite'] as const)('that is found at the end leaves nothing (%s)', async (conflict) => {
    await right(bench.open().createDir(p('f')))
    const error = await left(bench.open().writeFile(p('f'), fromBytes('new'), { conflict }), 'NameConflict')
    expect(error.existing).toMatchObject({ kind: 'directory', path: 'f' })
    expect(await tree(bench.open())).toEqual(['f/'])
  })

  test('that an unfinished upload of another client holds is Unavailable, and nothing is left', async () => {
    await hold(bench, 'f')
    await left(bench.open().writeFile(p('f'), fromBytes('new')), 'Unavailable')
    expect(await tree(bench.open())).toEqual([])
  })

  test('gets a free one beside it under rename', async () => {
    await write(bench.open(), 'f.txt', 'old')
    const written = await write(bench.open(), 'f.txt', 'new', { conflict: 'rename' })
    expect(written).toMatchObject({ how: 'renamed', replaced: false })
    expect(await read(bench.open(), written.path)).toBe('new')
    expect(await read(bench.open(), 'f.txt')).toBe('old')
  })
})

describe('when the service fails at the end', () => {
  const renaming = /\/files\/rename\//
  const busy = instead(503, '')

  test('the content is removed, or kept for whoever keeps the state', async () => {
    proxy.next(renaming, busy, busy, busy)
    await left(bench.open({ baseUrl: proxy.url }).writeFile(p('f'), fromBytes('new')), 'Unavailable')
    expect(await tree(bench.open())).toEqual([])
    let ref: UploadRef | undefined
    const onCheckpoint = (its: UploadRef) => {
      ref = its
      return TE.right(undefined)
    }
    proxy.next(renaming, busy, busy, busy)
    const drive = bench.open({ baseUrl: proxy.url })
    await left(drive.writeFile(p('f'), fromBytes('new'), { onCheckpoint }), 'Unavailable')
    const requests = await counted(bench.emulator, () =>
      right(drive.writeFile(p('f'), fromBytes('new'), { resume: ref })),
    )
    expect(requests).toEqual({ renameFile: 1 })
    expect(await read(bench.open(), 'f')).toBe('new')
  })

  test.each([1, 2, 3, 4, 5])(
    'and is gone after %i renames or removals, the error names what is left',
    async (after) => {
      const drive = bench.open({ baseUrl: proxy.url, http: { attempts: 1 }, taskTimeout: 0 })
      await write(drive, 'f', 'old')
      let count = 0
      const gone = /\/files\/rename\/|\/v1\/jobs|\/v1\/\d+$|\/detail$|\/files\/path|\/files\/0$/
      for (let i = 0; i < 300; i++)
        proxy.next(gone, async (forward) => {
          if (/* The first requests pass. */ ++count <= after) return forward()
          return 'drop'
        })
      const error = await drive.writeFile(p('f'), fromBytes('new'), { conflict: 'overwrite' })()
      if (E.isRight(error)) throw new Error('it cannot be known to be done')
      expect(error.left._tag).not.toBe('Network')
      const names = JSON.stringify(error.left)
      for (const path of await tree(bench.open())) expect([path, names.includes(path)]).toEqual([path, true])
    },
  )
})

test('several clients that overwrite one file at once leave one of their files, and are told the truth', async () => {
  await write(bench.open(), 'f', 'old')
  const texts = ['1', '2', '3', '4']
  const written = await Promise.all(
    texts.map((text) => bench.open().writeFile(p('f'), fromBytes(text), { conflict: 'overwrite' })()),
  )
  const paths = await tree(bench.open())
  const told = written.flatMap((one) => (E.isLeft(one) ? [JSON.stringify(one.left)] : []))
  expect(paths).toContain('f')
  for (const path of paths.filter((one) => one !== 'f'))
    expect([path, told.some((error) => error.includes(path))]).toEqual([path, true])
  const done = texts.filter((_, i) => E.isRight(written[i] ?? E.left(undefined)))
  if (done.length > 0) expect(done).toContain(await read(bench.open(), 'f'))
})

test('two uploads to one path at once do not use one temporary name', async () => {
  const drive = bench.open()
  const written = await Promise.all(['1', '2'].map((text) => drive.writeFile(p('f'), fromBytes(text))()))
  expect(written.filter(E.isRight)).toHaveLength(1)
  expect(await tree(bench.open())).toEqual(['f'])
})

test('a name as long as the limit has a temporary one within it', async () => {
  bench.emulator.behave({ nameLimit: 80 })
  const name = `${'😀'.repeat(76)}.txt`
  const drive = bench.open()
  await write(drive, name, 'one')
  await write(drive, name, 'two', { conflict: 'overwrite' })
  expect(await read(bench.open(), name)).toBe('two')
  expect(await tree(bench.open())).toEqual([name])
})

describe('uploads: direct', () => {
  const direct = { uploads: 'direct' }

  test('take three requests, and their names from the beginning', async () => {
    const drive = bench.open(direct)
    const requests = await counted(bench.emulator, () => write(drive, 'f', 'new'))
    expect(requests).toEqual({ createFile: 1, putPart: 1, completeFile: 1 })
    expect((await left(bench.open(direct).writeFile(p('f'), fromBytes('x')), 'NameConflict')).existing).toMatchObject({
      path: 'f',
    })
    expect((await write(drive, 'f', 'x', { conflict: 'rename' })).how).toBe('renamed')
    expect(await write(bench.open(direct), 'f', 'x', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
    expect(await write(drive, 'f', 'y', { conflict: 'overwrite' })).toMatchObject({ replaced: true })
    expect(await read(bench.open(), 'f')).toBe('y')
  })

  test('hold the name when they are killed, which is Unavailable for all others', async () => {
    const ref = await killed(bench.open(direct), 0)
    await left(bench.open(direct).writeFile(p('f'), fromBytes('x')), 'Unavailable')
    await right(bench.open().abandonUpload(ref))
  })

  test('read the name back where it is decided at the end only', async () => {
    bench.emulator.behave({ pendingHoldsName: false })
    const drive = bench.open(direct)
    let meanwhile: Promise<unknown> | undefined
    const source = {
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
})
