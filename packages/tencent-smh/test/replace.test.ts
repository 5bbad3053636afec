// Replacing by renames, each of them once, and the hashes by which contents are known.
import { fromBytes, temporaryName, type Fault, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { beginningHashOf, blockSize, createChainedHash, fullHashOf, readThrough } from '../src/instant'
import { once, type Seen } from '../src/once'
import { replaceByMove, replaceWith } from '../src/replace'
import { at } from './harness'
import { dir, file, nothing, scripted, signal, type Script } from './scripted'

const lost: Fault = { _tag: 'Unavailable', http: 500 }
const forbidden: Fault = { _tag: 'Forbidden' }
const conflict: Fault = { _tag: 'NameConflict' }
const old = `d/${temporaryName(at('d/f'), 'old')}`
const [aside, into, back] = [`move d/f ${old}`, 'move n d/f', `move ${old} d/f`]
const discarded = `delete ${JSON.stringify([{ path: old, permanent: false }])}`

describe('replacing', () => {
  const replaced = async (script: Script) => {
    const { smh, asked, events } = scripted(script)
    return { told: await replaceWith(smh, at('n'), at('d/f'), signal)(), asked, events }
  }
  const done = E.right({ path: 'd/f', how: 'as-asked', replaced: true })

  test('moves the old file aside, the new one in, and the old one to the bin', async () => {
    expect(await replaced({ move: [{}, {}], delete: [{}] })).toEqual({
      ...{ told: done, asked: [aside, into, discarded], events: [] },
    })
  })

  test('tells the log alone of what stays aside', async () => {
    expect(await replaced({ move: [{}, {}], delete: [forbidden] })).toMatchObject({
      ...{ told: done, events: [{ name: 'leftover', path: old, fault: 'Forbidden' }] },
    })
  })

  test('removes what an earlier attempt left aside, and nothing for any other reason', async () => {
    const cleared = await replaced({ move: [conflict, {}, {}], delete: [{}, {}] })
    expect([cleared.told, cleared.asked]).toEqual([done, [aside, discarded, aside, into, discarded]])
    const refused = await replaced({ move: [forbidden] })
    expect([refused.told, refused.asked]).toEqual([E.left(forbidden), [aside]])
    const stays = await replaced({ move: [conflict], delete: [forbidden] })
    expect([stays.told, stays.asked]).toEqual([E.left(forbidden), [aside, discarded]])
  })

  test('is undone where the new one cannot take its place', async () => {
    const failed = await replaced({ move: [{}, forbidden, {}] })
    expect([failed.told, failed.asked]).toEqual([E.left(forbidden), [aside, into, back]])
  })

  test.each<readonly [string, ReadonlyArray<object>, object]>([
    ['has happened', [nothing, file(old)], done],
    ['has not happened: it is moved again', [file('d/f'), nothing], done],
    ['cannot have: the source is gone', [nothing, nothing], { left: { _tag: 'NotFound', what: 'source' } }],
    ['cannot be told', [forbidden], { left: { _tag: 'Indeterminate', check: `/d/f and /${old}` } }],
  ])('a rename whose answer was lost: %s', async (name, find, told) => {
    const again = name.includes('again') ? [{}] : []
    expect((await replaced({ move: [lost, ...again, {}], find, delete: [{}] })).told).toMatchObject(told)
  })

  test('a rename whose answer was lost: another stands there, which is removed once', async () => {
    const find = [file('d/f'), file(old)]
    const { told, asked } = await replaced({ move: [lost, {}, {}], find, delete: [{}, {}] })
    expect([told, asked.filter((it) => it === discarded).length]).toEqual([done, 2])
  })

  test('an item of a batch tells its own fate, and replaces no directory', async () => {
    const moved = async (script: Script) => {
      const { smh, asked } = scripted(script)
      const item = { from: at('n'), to: at('d/f'), conflict: 'overwrite' } as const
      return { told: await replaceByMove(smh, item, signal)(), asked }
    }
    expect((await moved({ find: [file('d/f')], move: [{}, {}], delete: [{}] })).told).toEqual(
      E.right({ status: 'done', path: 'd/f', how: 'as-asked', replaced: true }),
    )
    expect((await moved({ find: [nothing], move: [forbidden] })).told).toEqual(
      E.right({ status: 'failed', attempted: true, fault: forbidden }),
    )
    const refused = await moved({ find: [dir('d/f')] })
    expect(refused.asked).toEqual(['find d/f'])
    expect(refused.told).toMatchObject(E.right({ fault: { _tag: 'NameConflict', existing: { kind: 'directory' } } }))
  })
})

describe('once', () => {
  type Answer = E.Either<Fault, string>
  const run = async (calls: ReadonlyArray<Answer>, looks: ReadonlyArray<E.Either<Fault, Seen<string>>>) => {
    const made: Array<unknown> = []
    const [c, l] = [calls.values(), looks.values()]
    const told = await once<string>(scripted({}).smh, {
      call: (repeated) => () => (made.push(repeated), Promise.resolve(c.next().value ?? E.left(lost))),
      look: () => (made.push('look'), Promise.resolve(l.next().value ?? E.right('absent' as const))),
      check: 'there',
      signal,
    })()
    return [told, ...made]
  }
  const late = [E.left(lost), E.left(conflict)]

  test('a conflict of the first call is a conflict; one of the second may be the first one’s late effect', async () => {
    expect(await run([E.left(conflict)], [])).toEqual([E.left(conflict), false])
    expect(await run(late, [E.right('absent'), E.right(E.right('ours'))])).toEqual([
      E.right('ours'),
      false,
      'look',
      true,
      'look',
    ])
    const missing: Fault = { _tag: 'NotFound', what: 'source' }
    expect((await run([E.left(lost), E.left(missing)], [E.right('absent'), E.right(E.right('ours'))]))[0]).toEqual(
      E.right('ours'),
    )
    expect((await run([E.left(lost), E.left(forbidden)], [E.right('absent')]))[0]).toEqual(E.left(forbidden))
  })

  test.each<readonly [string, E.Either<Fault, Seen<string>>]>([
    ['sees nothing', E.right('absent')],
    ['cannot tell', E.right('unknown')],
    ['is certain of a refusal', E.right(E.left(forbidden))],
    ['fails', E.left(forbidden)],
  ])('a late conflict stays one where the look %s', async (_name, look) => {
    expect((await run(late, [E.right('absent'), look]))[0]).toEqual(E.left(conflict))
  })
})

describe('hashes', () => {
  const sha = (...parts: ReadonlyArray<Uint8Array>) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const first = Buffer.alloc(blockSize, 'a')
  const source = (open: UploadSource['open'], size = blockSize + 1): UploadSource => ({ ...fromBytes(''), size, open })
  const failing = source(() => () => Promise.resolve(E.left(forbidden as never)))

  test('are chained block by block, of nothing too', () => {
    const of = (...pieces: ReadonlyArray<Uint8Array>) => {
      const hash = createChainedHash()
      pieces.forEach(hash.update)
      return hash.digest()
    }
    const one = sha(first).toString('hex')
    expect(of()).toEqual({ beginningHash: sha().toString('hex'), fullHash: sha().toString('hex') })
    expect(of(first)).toEqual({ beginningHash: one, fullHash: one })
    const two = sha(sha(first), Buffer.from('b')).toString('hex')
    expect(of(first, Buffer.from('b'))).toEqual({ beginningHash: one, fullHash: two })
    expect(of(Buffer.concat([first, Buffer.from('b')]))).toEqual({ beginningHash: one, fullHash: two })
  })

  test('of the beginning read no more than it, of a small file all of it', async () => {
    const spans: Array<object> = []
    const open: UploadSource['open'] = (span) => () => (
      spans.push(span),
      Promise.resolve(E.right(Readable.from([first])))
    )
    expect(await beginningHashOf(source(open), signal)()).toEqual(E.right(sha(first).toString('hex')))
    await beginningHashOf(source(open, 3), signal)()
    expect(spans).toEqual([
      { start: 0, end: blockSize },
      { start: 0, end: 3 },
    ])
  })

  test('of the whole read all of it', async () => {
    const spans: Array<object> = []
    const open: UploadSource['open'] = (span) => () => (
      spans.push(span),
      Promise.resolve(E.right(Readable.from([Buffer.from('abc')])))
    )
    expect(await fullHashOf(source(open, 3), signal)()).toMatchObject(
      E.right({ fullHash: sha(Buffer.from('abc')).toString('hex') }),
    )
    expect(spans).toEqual([{ start: 0, end: 3 }])
  })

  test('close a source that does not close itself', async () => {
    const read = function (this: Readable): void {
      this.push(null)
    }
    const stream = new Readable({ autoDestroy: false, read })
    await readThrough(
      source(() => () => Promise.resolve(E.right(stream))),
      { start: 0, end: 0 },
      () => undefined,
      signal,
    )()
    expect(stream.destroyed).toBe(true)
  })

  test('fail as their source does', async () => {
    const broken = (error: unknown) =>
      source(
        () => () => Promise.resolve(E.right(new Readable({ read: (): void => undefined }).destroy(error as Error))),
      )
    for (const hashed of [beginningHashOf, fullHashOf]) {
      expect(await hashed(failing, signal)()).toEqual(E.left(forbidden))
      const unreadable = { _tag: 'SourceFailed', reason: 'unreadable' }
      expect(await hashed(broken(new Error('x')), signal)()).toEqual(E.left(unreadable))
      const named = Object.assign(new Error('x'), { code: 'EIO' })
      expect(await hashed(broken(named), signal)()).toEqual(E.left({ ...unreadable, code: 'EIO' }))
      expect(await hashed(broken(Object.assign(new Error('x'), { code: 5 })), signal)()).toEqual(E.left(unreadable))
    }
  })

  test('are given up with the caller, and the source is closed', async () => {
    const stop = new AbortController()
    const stream = Readable.from([Buffer.from('a'), Buffer.from('b')])
    const read: Array<string> = []
    const update = (bytes: Uint8Array) => {
      read.push(Buffer.from(bytes).toString())
      stop.abort()
    }
    const open = () => () => Promise.resolve(E.right(stream))
    const reading = readThrough(source(open), { start: 0, end: 2 }, update, stop.signal)
    expect(await reading()).toEqual(E.left({ _tag: 'Aborted', effect: 'none' }))
    expect([read, stream.destroyed]).toEqual([['a'], true])
    const late = new AbortController()
    const broken = new Readable({
      read() {
        late.abort()
        this.destroy(new Error('x'))
      },
    })
    const opened = () => () => Promise.resolve(E.right(broken))
    expect(await readThrough(source(opened), { start: 0, end: 2 }, update, late.signal)()).toEqual(
      E.left({ _tag: 'Aborted', effect: 'none' }),
    )
  })
})
