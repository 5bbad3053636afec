// Pages cut from one multistatus: asked for once however many pages there are, each entry once, and within bounds.
import { pages, path, root, toPromises, type Entry, type Page } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { openWebDav, type WebDavDrive } from '../src'
import { closing, opening, scripted, shown, type Asked, type Said, type Scripted } from './scripted'

let server: Scripted | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})
const driveOn = async (script: (asked: Asked, nth: number) => Said): Promise<WebDavDrive> => {
  server = await scripted(script)
  return openWebDav({ url: server.url }, { delay: () => Promise.resolve() })
}
const nameOf = (i: number) => `file ${String(i).padStart(7, '0')}`

/** Made as it is sent. */
function* directory(count: number, skip: (i: number) => boolean = () => false): Generator<string> {
  yield opening + shown({ href: '/' })
  for (let i = 0; i < count; i++)
    if (!skip(i)) yield shown({ href: `/${encodeURIComponent(nameOf(i))}`, size: i, etag: `"${i}"` })
  yield closing
}

const page = async (drive: WebDavDrive, cursor: string | undefined, limit: number): Promise<Page<Entry>> => {
  const answer = await drive.list(root, { cursor, limit })()
  if (E.isLeft(answer)) throw new Error(answer.left.message)
  return answer.right
}

test('many entries come in pages of a thousand, by one request, and not before they are asked for', async () => {
  const count = 60_000
  let made = 0
  const counted = () => directory(count, (i) => (made = i) < 0)
  const drive = await driveOn(() => ({ status: 207, body: counted() }))
  const names: Array<string> = []
  for await (const one of pages(drive, root)) {
    if (E.isLeft(one)) throw new Error(one.left.message)
    if (names.length === 0) expect(made).toBeLessThan(count / 2)
    expect(one.right.items.length).toBe(1000)
    names.push(...one.right.items.map(({ name }) => name))
  }
  expect(new Set(names).size).toBe(count)
  expect(server?.asked).toHaveLength(1)
}, 600_000)

test('a cursor that this drive object has not given is found again by listing up to its name', async () => {
  const drive = await driveOn(() => ({ status: 207, body: directory(50) }))
  const first = await page(drive, undefined, 20)
  const another = openWebDav({ url: server?.url ?? '' })
  const second = await page(another, first.next, 20)
  const third = await page(another, second.next, 20)
  const all = [first, second, third].flatMap(({ items }) => items.map(({ name }) => name))
  expect(all).toEqual(Array.from({ length: 50 }, (_, i) => nameOf(i)))
  expect([third.next, server?.asked.length]).toEqual([undefined, 2])
})

test('a cursor whose entry is gone goes on after as many as there were', async () => {
  let gone = false
  const drive = await driveOn(() => ({ status: 207, body: directory(30, (i) => gone && i === 9) }))
  const first = await page(drive, undefined, 10)
  gone = true
  const second = await page(openWebDav({ url: server?.url ?? '' }), first.next, 10)
  expect(second.items[0]?.name).toBe(nameOf(11))
})

test('a cursor that is used twice gives the same page twice', async () => {
  const drive = await driveOn(() => ({ status: 207, body: directory(30) }))
  const first = await page(drive, undefined, 10)
  const [second, again] = [await page(drive, first.next, 10), await page(drive, first.next, 10)]
  expect(again.items).toEqual(second.items)
})

test('a cursor that nobody gave is NotFound', async () => {
  const drive = await driveOn(() => ({ status: 207, body: directory(1) }))
  const answer = await drive.list(root, { cursor: 'made up' })()
  expect(E.isLeft(answer) && answer.left).toMatchObject({ _tag: 'NotFound', what: 'cursor' })
})

test('a multistatus that breaks off is read again from where it broke, and then told', async () => {
  const drive = await driveOn(() => ({ status: 207, body: [...directory(20)].slice(0, 10), ending: 'cut' }))
  const answer = await drive.list(root)()
  expect(E.isLeft(answer) && answer.left._tag).toBe('Network')
  expect(server?.asked).toHaveLength(3)
})

test('a file is WrongKind, and a directory that is gone NotFound', async () => {
  const drive = await driveOn(({ target }) =>
    target.startsWith('/f')
      ? { status: 207, body: opening + shown({ href: '/f', size: 1 }) + closing }
      : { status: 404 },
  )
  const [file, missing] = [await drive.list(path('f'))(), await drive.list(path('none'))()]
  expect([E.isLeft(file) && file.left._tag, E.isLeft(missing) && missing.left._tag]).toEqual(['WrongKind', 'NotFound'])
})

test('an abort ends a listing that does not come', async () => {
  const drive = await driveOn(() => ({ status: 207, body: opening, ending: 'silence' }))
  const controller = new AbortController()
  const listing = toPromises(drive).list('', { signal: controller.signal })
  setTimeout(() => controller.abort(), 100)
  await expect(listing).rejects.toMatchObject({ code: 'Aborted' })
})

test('a listing that says nothing without end is refused', async () => {
  const endless = function* () {
    yield opening
    for (;;) yield ' '.repeat(1000)
  }
  const drive = await driveOn(() => ({ status: 207, body: endless() }))
  const answer = await drive.list(root)()
  expect(E.isLeft(answer) && answer.left._tag).toBe('UnexpectedResponse')
})
