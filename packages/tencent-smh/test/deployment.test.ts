// Public service or private deployment: the drive decides by what is answered, once, and at the cost of one refused request.
import { fromBytes } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { benches, bytes, content, killedAt, refused, size, small } from './deployments'
import { at, left, right } from './harness'
import type { Reply } from './recorder'
import { decimal, startService, times, type Service } from './service'

const start = benches()
const one = { upload: { ...small, parallel: 1 } } as const

describe('under auto', () => {
  test('a private deployment is known after one refused request, whoever asks first', async () => {
    const bench = await start()
    const names = ['a', 'b', 'c', 'd', 'e']
    await Promise.all(names.map((name) => right(bench.drive.writeFile(at(name), fromBytes(bytes)))))
    expect(refused(bench)).toEqual(['beginMultipartUpload'])
    await right(bench.drive.writeFile(at('later'), fromBytes(bytes)))
    expect(refused(bench)).toEqual(['beginMultipartUpload'])
    for (const name of [...names, 'later']) expect((await content(bench.drive, name)).equals(bytes)).toBe(true)
  })

  test('so it is after a first request that failed for another reason', async () => {
    const bench = await start()
    await right(bench.drive.writeFile(at('no/such/parent/f'), fromBytes(bytes)))
    expect(refused(bench)).toEqual(['beginMultipartUpload'])
  })

  test('the public service refuses nothing', async () => {
    const bench = await start({ deployment: 'public' })
    const { onCheckpoint, last } = killedAt(2)
    await left(bench.drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    await right(bench.open().writeFile(at('f'), fromBytes(bytes), { resume: last() }))
    expect(refused(bench)).toEqual([])
    expect(bench.counted()).toMatchObject({ beginMultipartUpload: 1, uploadStatus: 1, confirmUpload: 1 })
  })

  test('an upload that is resumed decides by its status, and what is begun afterwards knows it', async () => {
    const bench = await start()
    const { onCheckpoint, last } = killedAt(2)
    await left(bench.open(one).writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    bench.counted()
    const other = bench.open()
    await right(other.writeFile(at('f'), fromBytes(bytes), { resume: last() }))
    await right(other.writeFile(at('g'), fromBytes(bytes)))
    expect(refused(bench)).toEqual(['uploadStatus'])
    expect((await content(other, 'f')).equals(bytes)).toBe(true)
  })

  test.each([
    { partCredentials: 'each', uploadPartInfo: true },
    { partCredentials: 'shared', uploadPartInfo: false },
  ] as const)('a service between the two costs one refused request a decision: %j', async (behaviour) => {
    const bench = await start({ deployment: 'public', behaviour })
    const run = async (drive: typeof bench.drive, name: string) => {
      const { onCheckpoint, last } = killedAt(2)
      await left(drive.writeFile(at(name), fromBytes(bytes), { onCheckpoint }))
      await right(drive.writeFile(at(name), fromBytes(bytes), { resume: last() }))
      expect((await content(drive, name)).equals(bytes)).toBe(true)
    }
    await run(bench.drive, 'f')
    await run(bench.drive, 'g')
    expect(refused(bench)).toHaveLength(1)
    const { onCheckpoint, last } = killedAt(2)
    await left(bench.drive.writeFile(at('h'), fromBytes(bytes), { onCheckpoint }))
    bench.counted()
    await right(bench.open().writeFile(at('h'), fromBytes(bytes), { resume: last() }))
    expect(refused(bench).length).toBeLessThanOrEqual(2)
  })

  test('what both forms are refused for is another mistake, and decides nothing', async () => {
    const bench = await start({ deployment: 'public' })
    const drive = bench.open({ userId: 'u' })
    bench.emulator.behave({ partCredentials: 'each' })
    await right(drive.writeFile(at('f'), fromBytes(bytes)))
    bench.emulator.behave({ partCredentials: 'shared' })
    expect(await left(drive.writeFile(at('g'), fromBytes(bytes)))).toMatchObject({ http: 400, code: 'ParamInvalid' })
  })
})

describe('a service that offers headers for parts without being asked to', () => {
  test('besides those for all', async () => {
    const bench = await start({ deployment: 'public', behaviour: { partCredentials: 'offered', uploadSeconds: 600 } })
    const slow: typeof source = {
      size,
      open: (range, signal) => {
        bench.clock.advance(150_000)
        return source.open(range, signal)
      },
    }
    const source = fromBytes(bytes)
    await right(bench.open(one).writeFile(at('f'), slow))
    expect(refused(bench)).toEqual([])
    expect(bench.counted()['renewUpload']).toBeGreaterThan(0)
    expect((await content(bench.drive, 'f')).equals(bytes)).toBe(true)
  })

  describe('in place of those for all', () => {
    let service: Service
    beforeAll(async () => {
      service = await startService()
    })
    afterAll(() => service.close())
    const text = 'abcdefg'
    const noted = { kind: 'multipart', upload: 'u', path: 'd/f', size: 7, conflict: 'ask', partSize: 2 } as const
    const state = { ...noted, through: 0, crc64: '0000000000000000' }
    const offering = (...parts: ReadonlyArray<number>): object => {
      const { headers: _, ...target } = service.target() as { readonly headers: object }
      return { ...target, parts: Object.fromEntries(parts.map((part) => [part, { headers: { a: String(part) } }])) }
    }
    const run = (renew: ReadonlyArray<Reply>, uploadPartInfo: object | null = offering(1, 2)) =>
      service.write(
        {
          status: [[200, { confirmed: false, parts: [], uploadPartInfo }]],
          renew,
          put: times(4, [200]),
          confirm: [[200, { path: ['d', 'f'], size: '7', crc64: decimal(text) }]],
        },
        text,
        { state },
      )
    const puts = [1, 2, 3, 4].map((n) => `put ${n} of U ${text.slice(2 * n - 2, 2 * n)}`)

    test('the missing ones are asked for', async () => {
      const { answer, requests } = await run([[200, offering(3, 4)]])
      expect(E.isRight(answer)).toBe(true)
      expect(requests).toEqual(['status u', ...puts.slice(0, 2), 'renew u', ...puts.slice(2), 'confirm u'])
    })

    test('by their numbers, where that is required', async () => {
      const { answer, requests } = await run([
        [400, { code: 'ParamInvalid' }],
        [200, offering(3, 4)],
      ])
      expect(E.isRight(answer)).toBe(true)
      expect(requests.filter((request) => request === 'renew u')).toHaveLength(2)
    })

    test('by their numbers from then on, unless that is refused', async () => {
      const renew: ReadonlyArray<Reply> = [
        [200, offering(1, 2)],
        [400, { code: 'ParamInvalid' }],
        [200, offering(3, 4)],
      ]
      const { answer, requests } = await run(renew, null)
      expect(E.isRight(answer)).toBe(true)
      expect(requests.filter((request) => request === 'renew u')).toHaveLength(3)
    })

    test('those that never come are missed by name', async () => {
      const { answer, requests } = await run([[200, offering(1)]])
      expect(answer).toMatchObject(
        E.left({ _tag: 'UnexpectedResponse', effect: 'none', issues: [{ at: 'parts.3.headers' }] }),
      )
      expect(requests).not.toContain('confirm u')
    })
  })
})

describe('by the settings', () => {
  test.each(['public', 'private'] as const)('%s asks nothing else', async (deployment) => {
    const bench = await start({ deployment }, { deployment })
    const { onCheckpoint, last } = killedAt(2)
    await left(bench.drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    await right(bench.open().writeFile(at('f'), fromBytes(bytes), { resume: last() }))
    expect(refused(bench)).toEqual([])
  })

  test('the wrong one is not corrected', async () => {
    const bench = await start({}, { deployment: 'public' })
    expect(await left(bench.drive.writeFile(at('f'), fromBytes(bytes)))).toMatchObject({ code: 'ParamInvalid' })
    expect(refused(bench)).toEqual(['beginMultipartUpload'])
  })

  test('private sends even small files in parts, since nothing else can be renewed', async () => {
    const bench = await start({}, { deployment: 'private' })
    for (const text of ['', 'four']) {
      bench.counted()
      await right(bench.drive.writeFile(at(`f${text}`), fromBytes(text)))
      expect(bench.counted()).toEqual({ beginMultipartUpload: 1, cosPutPart: 1, confirmUpload: 1 })
      expect((await content(bench.drive, `f${text}`)).toString()).toBe(text)
    }
    const undecided = bench.open({ deployment: 'auto' })
    await right(undecided.writeFile(at('g'), fromBytes('four')))
    expect(bench.counted()).toMatchObject({ beginSimpleUpload: 1 })
  })
})
