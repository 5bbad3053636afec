// Nothing outside the root is ever read or changed, whatever lies or is put below it.
import * as E from 'fp-ts/Either'
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { fromBytes, root as rootPath, type DrivePath, type FileEntry } from '@anydrive/core'
import { openLocal, type LocalDrive } from '../src'
import { withDir } from '../src/directories'
import { notFound } from '@anydrive/core/adapter'
import { at, entries, left, put, right, scratch, sweep, told } from './bench'

afterAll(sweep)

const world = (): {
  readonly dir: string
  readonly inside: string
  readonly outside: string
  readonly drive: LocalDrive
} => {
  const dir = scratch()
  const [inside, outside] = [join(dir, 'root'), join(dir, 'outside')]
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'secret')
  symlinkSync(outside, join(inside, 'link'))
  symlinkSync(join(outside, 'secret'), join(inside, 'filelink'))
  symlinkSync('nowhere', join(inside, 'dangling'))
  return { dir, inside, outside, drive: openLocal({ root: inside, fsync: false }) }
}
const untouched = (outside: string) => {
  expect(readdirSync(outside)).toEqual(['secret'])
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
}

test('links are listed as what they are, and told by stat', async () => {
  const { drive } = world()
  expect((await entries(drive)).map((e) => [e.name, e.kind === 'other' ? e.what : e.kind])).toEqual([
    ['dangling', 'symlink'],
    ['filelink', 'symlink'],
    ['link', 'symlink'],
  ])
  expect(await right(drive.stat(at('link')))).toMatchObject({ kind: 'other', what: 'symlink' })
})

test('no operation goes through a link further up in a path, whatever version it is told', async () => {
  const { dir, inside, drive } = world()
  const beyond = join(dir, 'beyond')
  mkdirSync(join(beyond, 'sub'), { recursive: true })
  writeFileSync(join(beyond, 'sub', 'secret'), 'secret')
  symlinkSync(beyond, join(inside, 'up'))
  const path = at('up/sub/secret')
  const { version: ifVersion } = (await right(openLocal({ root: beyond }).stat(at('sub/secret')))) as FileEntry
  expect(ifVersion).toBeDefined()
  await left(drive.stat(path), 'NotFound')
  await left(drive.list(at('up/sub')), 'NotFound')
  await left(drive.readFile(path), 'NotFound')
  await left(drive.readFile(path, { ifVersion }), 'NotFound')
  await left(drive.readFile(at('up/sub'), { ifVersion }), 'NotFound')
  await left(drive.createDir(at('up/sub/x')), 'WrongKind')
  await left(drive.writeFile(path, fromBytes('x'), { conflict: 'overwrite' }), 'WrongKind')
  await right(drive.batchRemove([path]))
  expect(readdirSync(join(beyond, 'sub'))).toEqual(['secret'])
  expect(readFileSync(join(beyond, 'sub', 'secret'), 'utf8')).toBe('secret')
})

test('no operation goes through a link', async () => {
  const { drive, outside, inside } = world()
  await put(drive, 'f', 'mine')
  expect(await left(drive.stat(at('link/secret')), 'NotFound')).toMatchObject({ what: 'source' })
  await left(drive.list(at('link')), 'WrongKind')
  await left(drive.readFile(at('link/secret')), 'NotFound')
  await left(drive.readFile(at('filelink')), 'WrongKind')
  expect(await left(drive.createDir(at('link/x/y')), 'WrongKind')).toMatchObject({ at: 'link' })
  expect(
    await left(drive.writeFile(at('link/secret'), fromBytes('x'), { conflict: 'overwrite' }), 'WrongKind'),
  ).toMatchObject({ at: 'link' })
  for (const name of ['filelink', 'dangling', 'link'])
    for (const conflict of ['ask', 'overwrite'] as const)
      expect(await left(drive.writeFile(at(name), fromBytes('x'), { conflict }), 'NameConflict')).toMatchObject({
        existing: { kind: 'other' },
      })
  await left(drive.copyDir(at('link'), at('copy')), 'WrongKind')
  const items = [
    { from: at('f'), to: at('link/f') },
    { from: at('link/secret'), to: at('stolen') },
    { from: at('f'), to: at('filelink') },
  ]
  for (const conflict of ['ask', 'overwrite'] as const) {
    const expected = ['WrongKind f', 'NotFound link/secret', 'NameConflict filelink']
    expect(told(await right(drive.batchMove(items, { conflict })))).toEqual(expected)
    expect(told(await right(drive.batchCopy(items, { conflict })))).toEqual(expected)
  }
  expect(told(await right(drive.batchRemove([at('link/secret')])))).toEqual(['NotFound link/secret'])
  untouched(outside)
  expect(readdirSync(inside).sort()).toEqual(['dangling', 'f', 'filelink', 'link'])
})

test('links are moved, copied and removed as links, also with the directory that they lie in', async () => {
  const { drive, outside, inside } = world()
  await right(
    drive.batchMove([
      { from: at('link'), to: at('d/link') },
      { from: at('dangling'), to: at('d/dangling') },
    ]),
  )
  await right(drive.batchCopy([{ from: at('d/link'), to: at('copied') }]))
  await right(drive.copyDir(at('d'), at('e')))
  expect(readlinkSync(join(inside, 'copied'))).toBe(outside)
  expect(readlinkSync(join(inside, 'e', 'link'))).toBe(outside)
  expect(readlinkSync(join(inside, 'e', 'dangling'))).toBe('nowhere')
  expect(told(await right(drive.batchRemove([at('d'), at('e'), at('copied')])))).toEqual([
    'erased d',
    'erased e',
    'erased copied',
  ])
  untouched(outside)
})

test('dots and separators in a path that was never parsed lead nowhere', async () => {
  const { drive, outside } = world()
  const paths = ['..', '../outside', '../outside/secret', './x', 'a/../../outside/secret', 'x\0y', '.', '../root/f']
  for (const path of paths as unknown as ReadonlyArray<DrivePath>) {
    expect(E.isLeft(await drive.stat(path)())).toBe(true)
    expect(E.isLeft(await drive.list(path)())).toBe(true)
    expect(E.isLeft(await drive.readFile(path)())).toBe(true)
    expect(E.isLeft(await drive.writeFile(path, fromBytes('x'), { conflict: 'overwrite' })())).toBe(true)
    expect(E.isLeft(await drive.createDir(path)())).toBe(true)
    expect(E.isLeft(await drive.batchRemove([path])())).toBe(true)
  }
  untouched(outside)
})

test('a directory swapped for a link between our look and our use is still the directory', async () => {
  const { inside, outside } = world()
  mkdirSync(join(inside, 'd'))
  await withDir(
    inside,
    at('d'),
    () => notFound({ what: 'source' }),
    (dir) => {
      renameSync(join(inside, 'd'), join(inside, 'was-d'))
      symlinkSync(outside, join(inside, 'd'))
      writeFileSync(dir.at('f'), 'mine')
      return Promise.resolve(E.right(undefined))
    },
  )
  untouched(outside)
  expect(readFileSync(join(inside, 'was-d', 'f'), 'utf8')).toBe('mine')
})

test('while a directory turns into a link and back, no write ends outside', async () => {
  const { drive, inside, outside } = world()
  mkdirSync(join(inside, 'd'))
  const swaps = { going: true }
  const swapping = (async () => {
    while (swaps.going) {
      renameSync(join(inside, 'd'), join(inside, 'e'))
      symlinkSync(outside, join(inside, 'd'))
      await new Promise(setImmediate)
      execFileSync('true')
      renameSync(join(inside, 'd'), join(inside, 'old-link'))
      renameSync(join(inside, 'e'), join(inside, 'd'))
      await new Promise(setImmediate)
    }
  })()
  for (let n = 0; n < 100; n++)
    await drive.writeFile(at(`d/f${n}`), fromBytes('x'), { parents: 'require', conflict: 'overwrite' })()
  swaps.going = false
  await swapping
  untouched(outside)
})

test('fifos and sockets are listed, block nobody, and are moved and removed, but not copied', async () => {
  const { drive, inside } = world()
  mkdirSync(join(inside, 'd'))
  execFileSync('mkfifo', [join(inside, 'd', 'fifo')])
  const server = createServer().listen(join(inside, 'd', 'socket'))
  await once(server, 'listening')
  try {
    expect((await entries(drive, at('d'))).map((e) => (e.kind === 'other' ? e.what : e.kind))).toEqual([
      'fifo',
      'socket',
    ])
    await left(drive.readFile(at('d/fifo')), 'WrongKind')
    expect(await left(drive.copyDir(at('d'), at('e')), 'WrongKind')).toMatchObject({ expected: 'file' })
    expect(readdirSync(inside).sort()).toEqual(['d', 'dangling', 'filelink', 'link'])
    expect(told(await right(drive.batchCopy([{ from: at('d/fifo'), to: at('x') }])))).toEqual(['WrongKind d/fifo'])
    expect(told(await right(drive.batchMove([{ from: at('d/fifo'), to: at('x') }])))).toEqual(['as-asked x'])
    expect(lstatSync(join(inside, 'x')).isFIFO()).toBe(true)
    expect(told(await right(drive.batchRemove([at('x'), at('d')])))).toEqual(['erased x', 'erased d'])
  } finally {
    server.close()
  }
})

test('the root may be a link, a missing root or a file is NotFound space', async () => {
  const { dir, inside } = world()
  symlinkSync(inside, join(dir, 'alias'))
  await put(openLocal({ root: join(dir, 'alias') }), 'f', '1')
  expect(readFileSync(join(inside, 'f'), 'utf8')).toBe('1')
  for (const root of [join(dir, 'missing'), join(inside, 'f')]) {
    const drive = openLocal({ root })
    for (const call of [
      drive.stat(rootPath),
      drive.stat(at('a')),
      drive.list(rootPath),
      drive.createDir(at('a/b')),
      drive.writeFile(at('a/b'), fromBytes('x')),
      drive.readFile(at('a')),
      drive.usage(),
    ])
      expect(await left(call, 'NotFound')).toMatchObject({
        what: 'space',
        message: expect.stringContaining(root) as string,
      })
  }
  expect(readdirSync(dir).sort()).toEqual(['alias', 'outside', 'root'])
})
