// The bytes of a file on their way, part by part: what is asked for, sent again, hashed and told.
import { fromBytes, sourceFailed, type Fault, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Context } from '../src/context'
import { completeUpload, firstUrls, sendParts, sha256Of, type Upload } from '../src/upload'

const never = new AbortController().signal
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const minute = 60_000

type PartsAsked = { readonly multiParts: ReadonlyArray<{ readonly partNumber: number; readonly partSize: number }> }
interface Service {
  /** What each call of an endpoint says, in turn; nothing: fine. */
  readonly puts?: ReadonlyArray<Fault | undefined>
  readonly urls?: Fault
  readonly completes?: ReadonlyArray<Fault | undefined>
  readonly details?: ReadonlyArray<Fault | undefined>
  /** Of the parts asked for, those that get no URL. */
  readonly without?: number
  /** Passes before each part arrives. */
  readonly pause?: number
}

const serve = ({ puts = [], urls, completes = [], details = [], without, pause = 0 }: Service) => {
  const asked: Array<string> = []
  const arrived: Array<string> = []
  let now = 0
  let renewals = 0
  const turns = { put: [...puts], complete: [...completes], detail: [...details] }
  const next = (name: keyof typeof turns): E.Either<Fault, object> => {
    const fault = turns[name].shift()
    return fault === undefined ? E.right({}) : E.left(fault)
  }
  const api = {
    uploadUrls: ({ multiParts }: PartsAsked) => {
      const numbers = multiParts.map(({ partNumber }) => partNumber)
      asked.push(`urls ${String(numbers[0])}..${String(numbers.at(-1))}`)
      renewals += 1
      const given = numbers.filter((n) => n !== without)
      const parts = given.map((partNumber) => ({ partNumber, uploadUrl: `${renewals}/${partNumber}` }))
      return () => Promise.resolve(urls === undefined ? E.right({ multiParts: parts }) : E.left(urls))
    },
    putPart: (url: string, body: { readonly stream: (signal: AbortSignal) => TE.TaskEither<Fault, Readable> }) => {
      asked.push(`put ${url}`)
      return async () => {
        const opened = await body.stream(never)()
        if (E.isLeft(opened)) return opened
        let text = ''
        for await (const chunk of opened.right as AsyncIterable<Buffer>) text += chunk.toString()
        now += pause
        const said = next('put')
        if (E.isRight(said)) arrived.push(text)
        return said
      }
    },
    completeFile: () => () => Promise.resolve(next('complete')),
    detail: () => () => Promise.resolve(next('detail')),
  }
  const clock = { now: () => now, random: () => 0.5, delay: () => Promise.resolve() }
  return { context: { api, clock } as unknown as Context, asked, arrived }
}

const send = async (text: string, more: Partial<Upload> = {}, service: Service = {}) => {
  const { context, asked, arrived } = serve(service)
  const progress: Array<number> = []
  const noted: Array<number> = []
  const upload: Upload = {
    fileId: 'F',
    source: fromBytes(text),
    partSize: 3,
    sent: 0,
    urls: [1, 2, 3].map((partNumber) => ({ partNumber, uploadUrl: `0/${partNumber}` })),
    onProgress: (bytes) => progress.push(bytes),
    onPart: (sent) => {
      noted.push(sent)
      return TE.right(undefined)
    },
    ...more,
  }
  const answer = await sendParts(context, upload, never)()
  return { answer, asked, arrived, progress, noted }
}

const refused: Fault = { _tag: 'Forbidden', http: 403 }
const broken: Fault = { _tag: 'Unavailable', http: 500 }
/** A source that says what was opened, and may fail. */
const watched = (text: string, fault?: Fault<'SourceFailed'>) => {
  const opened: Array<string> = []
  const source: UploadSource = {
    size: text.length,
    open: ({ start, end }) => {
      opened.push(`${start}-${end}`)
      return TE.fromEither(
        fault === undefined ? E.right(Readable.from([Buffer.from(text.slice(start, end))])) : E.left(fault),
      )
    },
  }
  return { opened, source }
}

describe('sending', () => {
  test('parts go one after another, each told, and the digest is of all', async () => {
    const { answer, asked, arrived, progress, noted } = await send('abcdefgh')
    expect(answer).toEqual(E.right(sha256('abcdefgh')))
    expect(asked).toEqual(['put 0/1', 'put 0/2', 'put 0/3'])
    expect(arrived).toEqual(['abc', 'def', 'gh'])
    expect(progress).toEqual([3, 6, 8])
    expect(noted).toEqual([1, 2, 3])
  })

  test('nothing is one empty part', async () => {
    const { answer, arrived } = await send('')
    expect([answer, arrived]).toEqual([E.right(sha256('')), ['']])
  })

  test('a stretch that was sent before is read for the digest alone', async () => {
    const { opened, source } = watched('abcdefgh')
    const { answer, arrived, noted } = await send('', { source, sent: 2 })
    expect(answer).toEqual(E.right(sha256('abcdefgh')))
    expect([opened, arrived, noted]).toEqual([['0-6', '6-8'], ['gh'], [3]])
  })

  test('what has been sent to the end is read to its end', async () => {
    const { opened, source } = watched('abcdefgh')
    const { answer, asked } = await send('', { source, sent: 3 })
    expect([answer, opened, asked]).toEqual([E.right(sha256('abcdefgh')), ['0-8'], []])
  })

  test('a source that cannot be opened again ends it, before anything is sent', async () => {
    const fault = sourceFailed({ reason: 'unreadable', said: 'gone' })
    const { answer, asked } = await send('', { source: watched('abcdefgh', fault).source, sent: 1 })
    expect([answer, asked]).toEqual([E.left(fault), []])
  })

  test('a note that fails ends it', async () => {
    const { answer, arrived } = await send('abcdefgh', { onPart: () => TE.left(broken) })
    expect([answer, arrived]).toEqual([E.left(broken), ['abc']])
  })

  test('what its source says of the digest is compared', async () => {
    const source = (sha: string) => ({ ...fromBytes('abcd'), checksums: { sha256: sha } })
    expect((await send('', { source: source(sha256('abcd')) })).answer).toEqual(E.right(sha256('abcd')))
    expect((await send('', { source: source(sha256('x')) })).answer).toStrictEqual(
      E.left({ _tag: 'ChecksumMismatch', algorithm: 'sha256', said: 'the source is not what its checksum says' }),
    )
  })

  test('a part that fails ends it; one that the service no longer expects is an upload that is gone', async () => {
    const ended = await send('abcdefgh', {}, { puts: [undefined, broken] })
    expect([ended.answer, ended.noted, ended.asked]).toEqual([E.left(broken), [1], ['put 0/1', 'put 0/2']])
    const gone = await send('abcdefgh', {}, { puts: [{ _tag: 'NotFound', what: 'source', http: 404, said: 'x' }] })
    expect(gone.answer).toStrictEqual(E.left({ _tag: 'NotFound', what: 'upload', http: 404 }))
  })
})

describe('URLs', () => {
  test.each([401, 403])('one that is refused with %i is renewed with those after it, once', async (http) => {
    const fault: Fault = { _tag: 'Forbidden', http }
    const { answer, asked, arrived } = await send('abcdefgh', {}, { puts: [undefined, fault] })
    expect(answer).toEqual(E.right(sha256('abcdefgh')))
    expect(asked).toEqual(['put 0/1', 'put 0/2', 'urls 2..3', 'put 1/2', 'put 1/3'])
    expect(arrived).toEqual(['abc', 'def', 'gh'])
    expect((await send('abcdefgh', {}, { puts: [fault, fault] })).answer).toEqual(E.left(fault))
  })

  test('those that are about to expire are not tried', async () => {
    const { asked } = await send('abcdefgh', {}, { pause: 25 * minute })
    expect(asked).toEqual(['put 0/1', 'put 0/2', 'urls 3..3', 'put 1/3'])
    expect((await send('abcdefgh', {}, { pause: 25 * minute - 1 })).asked).toEqual(['put 0/1', 'put 0/2', 'put 0/3'])
  })

  test('new ones live as long as the first', async () => {
    const { asked } = await send('abcdef', { partSize: 1 }, { pause: 25 * minute })
    expect(asked.filter((line) => line.startsWith('urls'))).toEqual(['urls 3..6', 'urls 5..6'])
  })

  test('a hundred are asked for at once, from the part on that needs one', async () => {
    const { answer, asked } = await send('x'.repeat(250), { partSize: 1, sent: 120, urls: [] })
    expect(answer).toEqual(E.right(sha256('x'.repeat(250))))
    expect(asked.filter((line) => line.startsWith('urls'))).toEqual(['urls 121..220', 'urls 221..250'])
    expect(asked.at(-1)).toBe('put 2/250')
    expect(firstUrls(250, 1)).toHaveLength(100)
    expect(firstUrls(250, 1)[99]).toEqual({ partNumber: 100, partSize: 1 })
  })

  test('where there are none, nothing is sent', async () => {
    const failing = await send('abc', { urls: [] }, { urls: refused })
    expect([failing.answer, failing.asked]).toEqual([E.left(refused), ['urls 1..1']])
    const lacking = await send('abc', { urls: [] }, { without: 1 })
    expect(lacking.answer).toStrictEqual(E.left({ _tag: 'NotFound', what: 'upload' }))
    expect(lacking.asked).toEqual(['urls 1..1'])
  })
})

describe('a digest beforehand', () => {
  test('is of the whole source', async () => {
    const { opened, source } = watched('abcdefgh')
    expect(await sha256Of(source, never)()).toEqual(E.right(sha256('abcdefgh')))
    expect(opened).toEqual(['0-8'])
  })

  test('of a source that breaks off is SourceFailed', async () => {
    const breaking = new Readable({
      read() {
        this.destroy(new Error('gone'))
      },
    })
    const source: UploadSource = { size: 1, open: () => TE.right(breaking) }
    expect(await sha256Of(source, never)()).toStrictEqual(E.left({ _tag: 'SourceFailed', reason: 'unreadable' }))
    const fault = sourceFailed({ reason: 'unreadable', said: 'no' })
    expect(await sha256Of(watched('a', fault).source, never)()).toEqual(E.left(fault))
  })
})

describe('completing', () => {
  const lost: Fault = { _tag: 'Network' }
  const absent: Fault = { _tag: 'NotFound', what: 'source' }
  const complete = async (service: Service) =>
    completeUpload(serve(service).context, { fileId: 'F', sha256: 'x' }, '/f', never)()

  test('a lost answer was a success where the file is seen, and is asked for again where it is not', async () => {
    expect(await complete({ completes: [lost] })).toEqual(E.right(undefined))
    expect(await complete({ completes: [lost, refused], details: [absent] })).toEqual(E.left(refused))
    expect(await complete({ completes: [lost, undefined], details: [absent] })).toEqual(E.right(undefined))
  })

  test('is in doubt where nobody can look', async () => {
    expect(await complete({ completes: [lost], details: [refused] })).toStrictEqual(
      E.left({ _tag: 'Indeterminate', check: '/f' }),
    )
  })
})
