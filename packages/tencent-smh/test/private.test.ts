// What the drive does where a private deployment differs: parts, names that are taken, aborts, markers, identities, tokens.
import { fromBytes, type Json, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { benches, bytes, content, killedAt, mebibyte, size, small } from './deployments'
import { at, bytesOf, left, library, right } from './harness'
import { startRecorder } from './recorder'

const start = benches()
const one = { upload: { ...small, parallel: 1 } } as const
const source = fromBytes(bytes)
/** Runs before each part is read. */
const before = (step: (part: number) => Promise<void> | void): UploadSource => ({
  size,
  open: (range, signal) => async () => {
    await step(range.start / mebibyte + 1)
    return source.open(range, signal)()
  },
})

describe('an upload in parts', () => {
  test('goes up with the headers of each part', async () => {
    const { drive, counted } = await start({}, { deployment: 'private' })
    counted()
    const written = await right(drive.writeFile(at('f'), source))
    expect(written).toMatchObject({ size, evidence: 'vendor-checked:crc64xz' })
    expect(counted()).toEqual({ info: 1, beginMultipartUpload: 1, cosPutPart: 6, confirmUpload: 1 })
    expect((await content(drive, 'f')).equals(bytes)).toBe(true)
  })

  test.each([
    ['before they expire', 600, 150_000],
    ['after they have expired', 600, 700_000],
  ])('gets further headers %s', async (_name, uploadSeconds, pause) => {
    const bench = await start({ behaviour: { uploadSeconds } })
    const seen = new Set<number>()
    const slow = before((part) => {
      if (!seen.has(part)) bench.clock.advance(pause)
      seen.add(part)
    })
    await right(bench.open(one).writeFile(at('f'), slow))
    const { renewUpload, confirmUpload } = bench.counted()
    expect([renewUpload !== undefined && renewUpload >= 1, confirmUpload]).toEqual([true, 1])
    expect((await content(bench.drive, 'f')).equals(bytes)).toBe(true)
  })

  test('names at most fifty parts in a request', async () => {
    const bench = await start({ behaviour: { minPartSize: 1 } })
    const many = bytesOf(112_345, 3)
    const { onCheckpoint, last } = killedAt(1)
    const upload = { ...small, singleUpTo: 0 }
    await left(bench.open({ upload }).writeFile(at('f'), fromBytes(many), { onCheckpoint }))
    const { vendor, state } = last()
    const resume = { vendor, state: { ...(state as object), partSize: 1000 } as Json }
    bench.counted()
    await right(bench.open({ upload }).writeFile(at('f'), fromBytes(many), { resume }))
    expect(bench.counted()).toMatchObject({ renewUpload: 3, cosPutPart: 113, confirmUpload: 1 })
    expect((await content(bench.drive, 'f')).equals(many)).toBe(true)
  })

  test.each([1, 3, 5])('that was killed after %d checkpoints is resumed by another drive', async (number) => {
    const bench = await start()
    const { onCheckpoint, last } = killedAt(number)
    await left(bench.open(one).writeFile(at('f'), source, { onCheckpoint }))
    expect(JSON.stringify(last())).not.toMatch(/AWS4|Signature|token|http/i)
    bench.counted()
    await right(bench.open().writeFile(at('f'), source, { resume: last() }))
    expect(bench.counted()).toMatchObject({ cosPutPart: 6 - (number - 1), renewUpload: 1, confirmUpload: 1 })
    expect((await content(bench.drive, 'f')).equals(bytes)).toBe(true)
  })

  test('whose parts break, get lost or come twice is whole', async () => {
    const bench = await start()
    for (const kind of ['put', 'lost', '5xx', '5xx-late', 'cut'] as const)
      bench.emulator.faults.next('cosPutPart', kind)
    await right(bench.drive.writeFile(at('f'), source))
    expect((await content(bench.drive, 'f')).equals(bytes)).toBe(true)
  })

  test('prints neither its headers nor a token', async () => {
    const events: Array<unknown> = []
    const { open } = await start()
    const drive = open({}, { log: (event) => events.push(event) })
    await right(drive.writeFile(at('f'), source))
    const error = await left(drive.writeFile(at('f'), source))
    expect(inspect([events, error], { depth: 9 })).not.toMatch(/AWS4|UNSIGNED-PAYLOAD|acctk|very-secret/)
  })
})

describe('a name that is taken', () => {
  test.each(['auto', 'private'] as const)('is found before a large file is sent (%s)', async (deployment) => {
    const { drive, emulator, open } = await start()
    await right(drive.writeFile(at('f'), fromBytes('first')))
    await right(drive.createDir(at('d')))
    emulator.requests.clear()
    for (const [path, conflict, kind] of [
      ['f', 'ask', 'file'],
      ['d', 'ask', 'directory'],
      ['d', 'overwrite', 'directory'],
    ] as const)
      for (const onCheckpoint of [undefined, killedAt().onCheckpoint]) {
        const options = onCheckpoint === undefined ? { conflict } : { conflict, onCheckpoint }
        const error = await left(open({ deployment }).writeFile(at(path), source, options))
        expect(error).toMatchObject({ _tag: 'NameConflict', existing: { kind } })
      }
    expect([emulator.requests.count('cosPutPart'), emulator.pendingUploads()]).toEqual([0, 0])
    expect((await content(drive, 'f')).toString()).toBe('first')
  })

  test('meanwhile is found by the confirmation, and nothing is left of the loser', async () => {
    const { drive, emulator, open } = await start()
    const late = before(async (part) => {
      if (part === 6) await right(open().writeFile(at('f'), fromBytes('first')))
    })
    expect(await left(drive.writeFile(at('f'), late))).toMatchObject({
      ...{ _tag: 'NameConflict', existing: { kind: 'file', size: 5 } },
    })
    expect([(await content(drive, 'f')).toString(), emulator.pendingUploads()]).toEqual(['first', 0])
  })

  test('by one of two at once: the first confirmation wins', async () => {
    const { drive, emulator } = await start()
    const begunWith = (n: number) => fromBytes(Buffer.concat([Buffer.from([n]), bytes.subarray(1)]))
    const answers = await Promise.all([1, 2].map((n) => drive.writeFile(at('f'), begunWith(n))()))
    const [won, lost] = [answers.filter(E.isRight), answers.filter(E.isLeft)]
    expect([won.length, lost.map(({ left: { _tag } }) => _tag)]).toEqual([1, ['NameConflict']])
    expect(emulator.pendingUploads()).toBe(0)
  })

  test('is replaced, or gets another one, where that was asked for', async () => {
    const { drive } = await start()
    await right(drive.writeFile(at('f'), fromBytes('first')))
    const renamed = await right(drive.writeFile(at('f'), source, { conflict: 'rename' }))
    expect(renamed).toMatchObject({ path: 'f (1)', how: 'renamed' })
    const replaced = await right(drive.writeFile(at('f'), source, { conflict: 'overwrite' }))
    expect(replaced).toMatchObject({ path: 'f', replaced: true })
  })
})

describe('an abort', () => {
  test.each([
    ['in parts', source, {}],
    ['in one request', fromBytes('small'), { deployment: 'auto' }],
  ] as const)(
    'does not undo a confirmation, and what was sent %s is not said to be missing',
    async (_n, file, more) => {
      const { drive, open } = await start()
      const { refs, onCheckpoint, last } = killedAt()
      await right(open(more).writeFile(at('f'), file, { onCheckpoint }))
      await right(drive.abandonUpload(last()))
      expect(await right(drive.stat(at('f')))).toMatchObject({ kind: 'file', size: file.size })
      const found = { _tag: 'Indeterminate', likely: 'done', found: { path: 'f', size: file.size } }
      expect(await left(open().writeFile(at('f'), file, { resume: last() }))).toMatchObject(found)
      await right(drive.batchRemove([at('f')]))
      expect(await left(open().writeFile(at('f'), file, { resume: last() }))).toMatchObject({
        ...{ _tag: 'NotFound', what: 'upload' },
      })
      expect(refs.length).toBeGreaterThan(1)
    },
  )

  test('of an upload that was not confirmed frees it, once or twice', async () => {
    const { drive, emulator } = await start()
    const { onCheckpoint, last } = killedAt(3)
    await left(drive.writeFile(at('f'), source, { onCheckpoint }))
    await right(drive.abandonUpload(last()))
    await right(drive.abandonUpload(last()))
    expect([emulator.pendingUploads(), (await right(drive.list(at('/')))).items]).toEqual([0, []])
  })
})

describe('without identities', () => {
  test('no entry has an id', async () => {
    const { drive } = await start()
    const made = await right(drive.createDir(at('d')))
    const written = await right(drive.writeFile(at('d/f'), source))
    const { items } = await right(drive.list(at('d')))
    for (const entry of [made, written, await right(drive.stat(at('d'))), ...items]) expect(entry.id).toBeUndefined()
  })

  test.each(['ask', 'overwrite'] as const)('a move whose response is lost is not claimed (%s)', async (conflict) => {
    const { drive, emulator } = await start()
    await right(drive.writeFile(at('a'), fromBytes('content')))
    if (conflict === 'overwrite') await right(drive.writeFile(at('b'), fromBytes('old')))
    emulator.faults.next('batchMove', 'lost', 1)
    const { outcomes } = await right(drive.batchMove([{ from: at('a'), to: at('b'), conflict }]))
    expect(outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'Indeterminate', likely: 'done' } }])
    expect((await content(drive, 'b')).toString()).toBe('content')
  })

  test('a confirmation whose response is lost is proved by its key', async () => {
    const { drive, emulator } = await start()
    emulator.faults.next('confirmUpload', 'lost', 1)
    expect(await right(drive.writeFile(at('f'), source))).toMatchObject({ path: 'f', size })
  })
})

test('a list goes on at markers that no number can hold', async () => {
  const { drive, emulator } = await start()
  const names = Array.from({ length: 250 }, (_, i) => `d${String(i).padStart(3, '0')}`)
  for (const name of names) await right(drive.createDir(at(name)))
  emulator.requests.clear()
  const seen: Array<string> = []
  let cursor: string | undefined
  do {
    const page = await right(drive.list(at('/'), cursor === undefined ? {} : { cursor }))
    seen.push(...page.items.map(({ name }) => name))
    cursor = page.next
  } while (cursor !== undefined)
  expect([seen, emulator.requests.count('listDirectory')]).toEqual([names, 3])
})

test('names with quotes, signs and spaces at their ends come back', async () => {
  const { drive } = await start()
  const names = [' both ends ', "it's", '100%', 'a&b', 'a+b']
  for (const name of names) {
    await right(drive.createDir(at(name)))
    await right(drive.writeFile(at(`${name}/${name}`), fromBytes(name)))
    expect((await content(drive, `${name}/${name}`)).toString()).toBe(name)
  }
  expect((await right(drive.list(at('/')))).items.map(({ name }) => name)).toEqual([...names].sort())
  expect(await left(drive.createDir(at('a?b')))).toMatchObject({ _tag: 'InvalidPath' })
})

describe('tokens', () => {
  const refusals = ({ emulator }: Awaited<ReturnType<typeof start>>) =>
    emulator.requests.list().filter(({ status }) => status === 403).length

  test('are replaced before they expire, however much they are used', async () => {
    const bench = await start()
    for (let minutes = 0; minutes < 120; minutes += 10) {
      await Promise.all([1, 2, 3].map(() => right(bench.drive.list(at('/')))))
      bench.clock.advance(600_000)
    }
    expect([bench.emulator.requests.count('createToken'), refusals(bench)]).toEqual([4, 0])
  })

  test('are used on where they cannot be replaced yet', async () => {
    const bench = await start()
    await right(bench.drive.list(at('/')))
    bench.clock.advance(26 * 60_000)
    bench.emulator.faults.next('createToken', '5xx', 99)
    await right(bench.drive.list(at('/')))
    const asked = bench.emulator.requests.count('createToken')
    await right(bench.drive.list(at('/')))
    expect([bench.emulator.requests.count('createToken'), refusals(bench)]).toEqual([asked, 0])
    bench.emulator.faults.clear()
    bench.clock.advance(61_000)
    await right(bench.drive.list(at('/')))
    expect(bench.emulator.requests.count('createToken')).toBe(asked + 1)
  })

  test.each(['InvalidAccessToken', 'AccessTokenExpired', 'UserTokenHasExpired'])(
    'that are refused with 403 %s are replaced as after 401',
    async (code) => {
      const recorder = await startRecorder()
      try {
        const auth = { kind: 'secret', librarySecret: library.secret } as const
        const token = [200, { accessToken: 't', expiresIn: 1800 }] as const
        recorder.script(token, [403, { code }], [200, { accessToken: 'u', expiresIn: 1800 }], [200, { type: 'dir' }])
        expect(await right(recorder.open({ auth }).stat(at('d')))).toMatchObject({ kind: 'directory' })
        expect(recorder.lines().at(-1)).toContain('access_token=u')
        recorder.script(token, [403, { code: 'NoPermission' }])
        expect(await left(recorder.open({ auth }).stat(at('d')))).toMatchObject({ _tag: 'Forbidden' })
      } finally {
        await recorder.close()
      }
    },
  )
})

test('a download that goes on names the tag of what it has read', async () => {
  const recorder = await startRecorder()
  try {
    const location = { type: 'file', size: '6', eTag: '"e"', cosUrl: `http://${recorder.host}/o` }
    const cut = { etag: '"e"', 'content-length': '6', connection: 'close' }
    recorder.script([200, location], [200, 'abc', cut], [412, '<Code>PreconditionFailed</Code>'])
    const drive = recorder.open()
    const { stream } = await right(drive.readFile(at('f')))
    await expect(stream.toArray()).rejects.toThrow()
    const { range, 'if-match': match } = recorder.seen().at(-1)?.headers ?? {}
    expect([range, match]).toEqual(['bytes=3-5', '"e"'])
  } finally {
    await recorder.close()
  }
})
