// Streams as contents: sent while they arrive, repeated after a fault, and refused when they are not as declared.
import { DriveException, toPromises, type PromisedDrive } from '@anydrive/core'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { kooDrive } from '@anydrive/koodrive'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { openTencentSmh } from '@anydrive/tencent-smh'
import * as E from 'fp-ts/Either'
import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'

const mebibyte = 1024 * 1024
const size = 12 * mebibyte
/** SMH recognizes what it has already, and then wants to know the hash of the whole; so each test has its own. */
const contentOf = (seed: number): Buffer => {
  const key = Buffer.alloc(32, seed + 1)
  return createCipheriv('aes-256-ctr', key, key.subarray(0, 16)).update(Buffer.alloc(size))
}
const content = contentOf(0)

const scratch = mkdtempSync(join(tmpdir(), 'anydrive-streams-'))
const spools = join(scratch, 'spools')
const systemTemp = process.env['TMPDIR']
const closers: Array<() => Promise<void>> = []

type Faults = { readonly next: (...args: ReadonlyArray<never>) => unknown }
let smhFaults: Faults
let kooFaults: Faults
const drives: { smh?: PromisedDrive; koo?: PromisedDrive; local?: PromisedDrive; memory?: PromisedDrive } = {}
const driveOf = (name: keyof typeof drives): PromisedDrive => {
  const drive = drives[name]
  if (drive === undefined) throw new Error(`no drive ${name}`)
  return drive
}

beforeAll(async () => {
  const smh = await startTencentSmh()
  const koo = await startKooDrive()
  closers.push(smh.close, koo.close)
  smhFaults = smh.faults
  kooFaults = koo.faults
  const auth = { kind: 'secret', librarySecret: 'emulator-secret' } as const
  const upload = { singleUpTo: mebibyte, partSize: mebibyte } as const
  const settings = { baseUrl: smh.url, libraryId: 'smhemulator000001', uploadScheme: 'http', auth, upload } as const
  drives.smh = toPromises(openTencentSmh(settings))
  const decoded = kooDrive.settings.decode({
    ...(koo.configuration as { readonly koo: object }).koo,
    partSize: mebibyte,
  })
  if (E.isLeft(decoded)) throw new Error('the settings do not decode')
  drives.koo = toPromises(kooDrive.open(decoded.right))
  for (const name of ['root', 'spools']) mkdirSync(join(scratch, name))
  drives.local = toPromises(openLocal({ root: join(scratch, 'root') }))
  drives.memory = toPromises(openMemory())
  process.env['TMPDIR'] = spools
})
afterAll(async () => {
  if (systemTemp === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = systemTemp
  for (const close of closers) await close()
  rmSync(scratch, { recursive: true, force: true })
})
afterEach(() => {
  expect(readdirSync(spools)).toEqual([])
})

const names = ['smh', 'koo', 'local', 'memory'] as const

/** Yields the content, the second half only once `half` has resolved. */
async function* inHalves(half: Promise<unknown>, content = contentOf(1)): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < size; at += 65536) {
    if (at === size / 2) await half
    yield content.subarray(at, at + 65536)
  }
}

const forms = {
  'of Node.js': (chunks: AsyncIterable<Uint8Array>) => Readable.from(chunks, { objectMode: false }),
  'of the web': (chunks: AsyncIterable<Uint8Array>) => {
    const iterator = chunks[Symbol.asyncIterator]()
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const next: IteratorResult<Uint8Array, unknown> = await iterator.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
    })
  },
}

describe.each(names)('on %s', (name) => {
  test.each(Object.keys(forms) as ReadonlyArray<keyof typeof forms>)(
    'a stream %s of declared size is sent while it arrives',
    async (form) => {
      const progress = new AbortController()
      const own = contentOf(form === 'of the web' ? 3 : 4)
      const stream = forms[form](inHalves(once(progress.signal, 'abort'), own))
      const path = `arriving ${form}`
      // The second half of the stream exists only after bytes of the first have been sent.
      const onProgress = (bytes: number) => {
        if (bytes > 0) progress.abort()
      }
      await driveOf(name).writeFile(path, { stream, size }, { onProgress })
      expect(own.equals(await driveOf(name).readBytes(path))).toBe(true)
    },
  )

  test.each([
    ['longer', size - 1],
    ['longer', size - 3 * mebibyte],
    ['shorter', size + 1],
  ] as const)('a stream %s than its declared size of %d bytes creates no file', async (reason, declared) => {
    const stream = Readable.from(inHalves(Promise.resolve()), { objectMode: false })
    const writing = driveOf(name).writeFile('wrong', { stream, size: declared })
    await expect(writing).rejects.toMatchObject({ code: 'SourceFailed', error: { reason } })
    expect(await driveOf(name).exists('wrong')).toBe(false)
    expect(stream.destroyed).toBe(true)
  })

  test.each(Object.keys(forms) as ReadonlyArray<keyof typeof forms>)(
    'a stream %s that fails half-way creates no file and is the cause',
    async (form) => {
      const cause = new Error('the network of the source')
      const stream = forms[form](inHalves(Promise.reject(cause)))
      const writing = driveOf(name).writeFile('failing', { stream, size })
      await expect(writing).rejects.toMatchObject({ code: 'SourceFailed', cause })
      expect(await driveOf(name).exists('failing')).toBe(false)
    },
  )

  test('a stream that never goes on ends with the call’s signal', async () => {
    const stop = new AbortController()
    const stream = Readable.from(inHalves(new Promise(() => undefined)), { objectMode: false })
    const writing = driveOf(name).writeFile('endless', { stream, size }, { signal: stop.signal })
    setImmediate(() => stop.abort())
    await expect(writing).rejects.toMatchObject({ code: 'Aborted' })
    expect(await driveOf(name).exists('endless')).toBe(false)
    expect(stream.destroyed).toBe(true)
  })

  test('a blob is written, small or large', async () => {
    const drive = driveOf(name)
    await drive.writeFile('blob', new Blob([content]))
    expect(content.equals(await drive.readBytes('blob'))).toBe(true)
    await drive.writeFile('small', new Blob(['a', 'bc']))
    expect(await drive.readText('small')).toBe('abc')
    await drive.writeFile('empty', new Blob([]))
    expect(await drive.readText('empty')).toBe('')
  })

  test('a web stream of unknown size is written', async () => {
    await driveOf(name).writeFile('web', { stream: new Blob(['from the web']).stream() })
    expect(await driveOf(name).readText('web')).toBe('from the web')
  })

  test('more calls on one signal than Node’s limit print no warning', async () => {
    const warnings: Array<Error> = []
    const record = (warning: Error) => void warnings.push(warning)
    process.on('warning', record)
    const { signal } = new AbortController()
    const calls = Array.from({ length: 30 }, (_, i) => [
      driveOf(name).exists(`absent ${String(i)}`, { signal }),
      driveOf(name).writeFile(`signal ${String(i)}`, 'x', { signal }),
    ])
    await Promise.all(calls.flat())
    const contents = Array.from({ length: 30 }, (_, i) => driveOf(name).readFile(`signal ${String(i)}`, { signal }))
    for (const { stream } of await Promise.all(contents)) stream.destroy()
    await new Promise(setImmediate)
    process.off('warning', record)
    expect(warnings.filter((warning) => warning.name === 'MaxListenersExceededWarning')).toEqual([])
  })
})

test.each([
  ['smh', 'putPart'],
  ['koo', 'putPart'],
] as const)('on %s a part that breaks off is sent again while the stream arrives', async (name, operation) => {
  const faults = name === 'smh' ? smhFaults : kooFaults
  ;(faults.next as (...args: ReadonlyArray<string>) => unknown)(operation, 'lost')
  const own = contentOf(2)
  const stream = Readable.from(inHalves(Promise.resolve(), own), { objectMode: false })
  await driveOf(name).writeFile('repeated', { stream, size })
  expect(own.equals(await driveOf(name).readBytes('repeated'))).toBe(true)
})

test('a web stream that is locked, and what is no stream, are refused with what was expected', async () => {
  const locked = new Blob(['x']).stream()
  locked.getReader()
  await expect(driveOf('memory').writeFile('f', { stream: locked })).rejects.toMatchObject({ code: 'SourceFailed' })
  const neither = { stream: [1, 2] as unknown as Readable }
  await expect(driveOf('memory').writeFile('f', neither)).rejects.toMatchObject({ code: 'InvalidArgument' })
  const error: unknown = await driveOf('memory')
    .writeFile('f', neither)
    .catch((e: unknown) => e)
  expect(DriveException.is(error) && error.message).toContain('ReadableStream')
})
