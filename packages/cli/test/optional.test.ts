// trash, find, versions and link, on a drive of this process.
import { secret, toPromises, type DownloadUrl, type Page, type TrashEntry } from '@anydrive/core'
import { createStore, openMemory, type MemoryDrive } from '@anydrive/memory'
import { Command } from 'commander'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { withGlobals, type Add } from '../src/add'
import { addFind } from '../src/commands/find'
import { addLink } from '../src/commands/link'
import { addTrash } from '../src/commands/trash'
import { addVersions } from '../src/commands/versions'
import { createContext } from '../src/context'
import { openStreams } from '../src/output'
import { sink, type Ran } from './command'

let drive: MemoryDrive
beforeEach(() => {
  drive = openMemory({ store: createStore(), trash: true, versions: true, limits: { page: 2 } })
})

const adds: ReadonlyArray<Add> = [addTrash, addVersions, addLink, addFind]

/** The command line on this drive, whatever the drive's name. */
const run = async (line: string, how: { readonly on?: MemoryDrive; readonly answer?: string } = {}): Promise<Ran> => {
  const [stdout, stderr] = [sink(), sink(how.answer !== undefined)]
  const stdin = Object.assign(Readable.from(how.answer === undefined ? [] : [Buffer.from(`${how.answer}\n`)]), {
    isTTY: how.answer !== undefined,
  })
  const io = { stdin, stdout, stderr, env: {}, cwd: tmpdir(), signal: new AbortController().signal }
  const streams = openStreams(io)
  let code = -1
  const program = withGlobals(new Command('anydrive')).exitOverride()
  for (const add of adds)
    add(program, (handler) => async (...all) => {
      const command = all.at(-1) as Command
      const created = createContext(io, program.opts(), streams, io.signal)
      if (E.isLeft(created)) throw new Error(created.left.message)
      const opened = () => E.right(how.on ?? drive)
      const drives = { ...created.right.drives, open: opened, openAgain: opened }
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string')
      const answer = await handler({ ...created.right, drives }, args, command.opts<never>())
      if (E.isLeft(answer)) created.right.out.problem(answer.left)
      code = E.isLeft(answer) ? answer.left.exit : answer.right
    })
  await program.parseAsync(line.split(' '), { from: 'user' })
  await streams.flush()
  streams.release()
  return { code, out: stdout.text(), err: stderr.text() }
}

const put = async (at: string, content = at): Promise<void> => {
  await toPromises(drive).writeFile(at, content, { conflict: 'overwrite' })
}
const trashed = async (at: string): Promise<string> => (await toPromises(drive).remove(at)).trashId ?? ''
const textAt = (at: string): Promise<string> => toPromises(drive).readText(at)

describe('trash', () => {
  test('lists what was removed from a place and below it, and restores what was at a place', async () => {
    for (const at of ['d/a', 'd/b', 'other']) await put(at)
    const id = await trashed('d/a')
    for (const at of ['d/b', 'other']) await trashed(at)
    const all = await run('trash ls x:')
    expect(all.out.trimEnd().split('\n')).toHaveLength(3)
    expect(all.out).toMatch(new RegExp(` {4}3 B  \\d{4}-.*Z  x:/d/a  \\(id ${id}\\)\n`))
    const below = await run('--json trash ls x:d')
    expect(
      below.out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { path: string }).path),
    ).toEqual(['d/a', 'd/b'])
    expect(await run('trash restore x:d/a')).toEqual({ code: 0, out: 'restored  x:/d/a\n', err: '' })
    expect(await textAt('d/a')).toBe('d/a')
    expect(await run('trash restore x:d/a')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/trash ls x:/) as string,
    })
  })

  test('of several entries of one place one must be chosen, and a taken name needs a strategy', async () => {
    const ids: Array<string> = []
    for (const content of ['one', 'two']) {
      await put('a', content)
      ids.push(await trashed('a'))
    }
    expect(await run('trash restore x:a')).toMatchObject({
      code: 2,
      err: expect.stringContaining(ids.join(', ')) as string,
    })
    expect(await run(`trash restore x:a --id ${ids[0]}`)).toMatchObject({ code: 0 })
    expect(await textAt('a')).toBe('one')
    expect(await run(`trash restore x: --id ${ids[1]}`)).toMatchObject({ code: 5 })
    const some = await run(`--json trash restore x: --id ${ids[0]} --id ${ids[1]} --conflict overwrite`)
    expect(some.code).toBe(1)
    expect(JSON.parse(some.out)).toMatchObject([
      { trashId: ids[0], status: 'failed', error: { _tag: 'NotFound', what: 'trash' } },
      { trashId: ids[1], status: 'restored', place: 'x:/a' },
    ])
    expect(await textAt('a')).toBe('two')
  })

  test('where the service does not tell the places, only ids choose', async () => {
    await put('d/a')
    const id = await trashed('d/a')
    const placeless = (page: Page<TrashEntry>) => ({ ...page, items: page.items.map(({ path: _, ...entry }) => entry) })
    const listTrash: MemoryDrive['listTrash'] = (options) => TE.map(placeless)(drive.listTrash(options))
    const on: MemoryDrive = { ...drive, listTrash }
    expect((await run('trash ls x:', { on })).out).toContain(`  a  (id ${id})`)
    expect(await run('trash ls x:d', { on })).toMatchObject({
      out: '',
      err: expect.stringContaining('1 entry not') as string,
    })
    expect(await run('trash restore x:d/a', { on })).toMatchObject({
      code: 2,
      err: expect.stringContaining(id) as string,
    })
    expect(await run(`trash restore x: --id ${id}`, { on })).toMatchObject({ code: 0, out: 'restored  x:/d/a\n' })
  })

  test('erases only what is confirmed', async () => {
    for (const at of ['a', 'b']) await put(at)
    const id = await trashed('a')
    await trashed('b')
    for (const line of [`trash purge x: --id ${id}`, 'trash purge x:a', 'trash empty x:'])
      expect(await run(line)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string })
    expect(await run('trash empty x:', { answer: 'n' })).toMatchObject({ code: 2 })
    expect(await run('trash empty x:d --yes')).toMatchObject({ code: 2 })
    expect(drive.store.bin).toHaveLength(2)
    expect(await run('trash purge x:a --yes')).toEqual({ code: 0, out: '', err: '' })
    expect(drive.store.bin.map(({ path: at }) => at)).toEqual(['b'])
    expect(await run('trash empty x:', { answer: 'y' })).toMatchObject({ code: 0 })
    expect(drive.store.bin).toEqual([])
  })

  test('a drive without a trash says so', async () => {
    for (const what of ['ls', 'restore', 'purge --yes', 'empty --yes'])
      expect(await run(`trash ${what} x:`, { on: openMemory() })).toMatchObject({
        code: 1,
        err: expect.stringMatching(/does not offer operations\.(listTrash|restore|purge|emptyTrash)/) as string,
      })
  })
})

describe('find', () => {
  beforeEach(async () => {
    await put('d/Report.txt', '12345')
    await put('d/e/report', '1')
    await put('d/other', '123')
    const { setTimes } = toPromises(drive)
    await setTimes('d/other', { modifiedAt: new Date('2020-01-01') })
  })
  const found = async (line: string): Promise<ReadonlyArray<string>> =>
    (await run(line)).out
      .split('\n')
      .filter((text) => text !== '')
      .sort()

  test.each([
    ['--name report', ['x:/d/Report.txt', 'x:/d/e/report']],
    ['--kind dir', ['x:/d/e/']],
    ['--kind file --min-size 2 --max-size 4', ['x:/d/other']],
    ['--older-than 2021-01-01', ['x:/d/other']],
    ['--kind file --newer-than 1d', ['x:/d/Report.txt', 'x:/d/e/report']],
    ['--name nothing', []],
  ])('%s, by the search of the service or by a walk', async (conditions, expected) => {
    expect(await found(`find x:d ${conditions}`)).toEqual(expected)
    expect(await found(`find x:d ${conditions} --walk`)).toEqual(expected)
  })

  test('the service is asked, unless it has no search', async () => {
    const { capabilities, ...verbs } = drive
    const calls: Array<string> = []
    const counted: MemoryDrive = {
      ...verbs,
      capabilities,
      list: (at, options) => (calls.push('list'), drive.list(at, options)),
      search: (query, options) => (calls.push('search'), drive.search(query, options)),
    }
    await run('find x: --name report', { on: counted })
    expect(new Set(calls)).toEqual(new Set(['search']))
    const poor = {
      ...counted,
      capabilities: { ...capabilities, operations: { ...capabilities.operations, search: false } },
    }
    calls.length = 0
    expect((await run('find x: --name report', { on: poor })).out.trimEnd().split('\n')).toHaveLength(2)
    expect(new Set(calls)).toEqual(new Set(['list']))
  })

  test('a missing directory is not found, and a file is no directory', async () => {
    expect(await run('find x:none')).toMatchObject({ code: 4 })
    expect(await run('find x:d/other')).toMatchObject({ code: 2 })
    expect(JSON.parse((await run('--json find x:d --name other')).out)).toMatchObject({ path: 'd/other', size: 3 })
  })
})

test('versions lists what a file held, and restores one of them', async () => {
  for (const content of ['one', 'three']) await put('f', content)
  const listed = await run('--json versions ls x:f')
  const versions = listed.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { versionId: string; size: number })
  expect(versions.map(({ size }) => size)).toEqual([5, 3])
  expect((await run('versions ls x:f')).out).toMatch(/^ {6}5 B {2}\S+Z {2}current {2}\(id \S+\)\n {6}3 B .*earlier/)
  expect(await run('versions restore x:f')).toMatchObject({ code: 2 })
  expect(await run(`versions restore x:f --id ${versions[1]?.versionId}`)).toMatchObject({ code: 0 })
  expect(await textAt('f')).toBe('one')
  expect(await run('versions restore x:f --id none')).toMatchObject({ code: 4 })
  expect(await run('versions ls x:f', { on: openMemory() })).toMatchObject({ code: 1 })
})

test('link prints the URL, signature included, and nothing else does', async () => {
  await put('f', 'content')
  const url = 'https://store.example/f?sign=q-signature-0123456789abcdef'
  const linked: MemoryDrive = {
    ...drive,
    downloadUrl: (at, options) => async () => {
      const link = await drive.downloadUrl(at, options)()
      return E.map((its: DownloadUrl) => ({
        ...its,
        url: secret(url),
        expiresAt: new Date(options?.expiresIn ?? 0),
      }))(link)
    },
  }
  const printed = await run('link x:f --expires-in 1h', { on: linked })
  expect(printed).toEqual({ code: 0, out: `${url}\n`, err: 'valid until 1970-01-01T01:00:00.000Z\n' })
  expect(JSON.parse((await run('--json link x:f', { on: linked })).out)).toMatchObject({ url })
  expect(await run('link x:none', { on: linked })).toMatchObject({ code: 4, out: '' })
})
