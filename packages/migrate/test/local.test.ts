// Migrations to and from directories of this machine.
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareTrees, migrate } from '@anydrive/migrate'
import { memory, summaryOf } from './drives'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anydrive-migrate-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('a directory goes into a drive and comes back the same, and a link is told', async () => {
  await mkdir(join(dir, 'in/a/空'), { recursive: true })
  await writeFile(join(dir, 'in/a/文件 é'), Buffer.alloc(3_000_000, 'é'))
  await writeFile(join(dir, 'in/nothing'), '')
  await symlink('nothing', join(dir, 'in/link'))
  await mkdir(join(dir, 'out'))
  const [source, between, target] = [
    openLocal({ root: join(dir, 'in') }),
    openMemory(),
    openLocal({ root: join(dir, 'out') }),
  ]
  const summary = await summaryOf({ from: { drive: source }, to: { drive: between } })
  expect(summary).toMatchObject({ files: 2, directories: 2, failures: 1, others: 1 })
  expect(summary.failed).toMatchObject([
    { path: 'link', error: { message: expect.stringContaining('symlink') as string } },
  ])
  expect(summary.notCarried).toEqual([{ path: '/link', what: 'symlink' }])
  await summaryOf({ from: { drive: between }, to: { drive: target }, verify: 'full' })
  const found: Array<string> = []
  for await (const one of compareTrees({ drive: source }, { drive: target }, { content: true }))
    found.push(E.isLeft(one) ? one.left.message : `${one.right.status} ${one.right.path}`)
  expect(found).toEqual(['missing link'])
  expect(await readFile(join(dir, 'out/a/文件 é'))).toEqual(Buffer.alloc(3_000_000, 'é'))
})

test('a migration that is cancelled leaves no file that is not whole', async () => {
  const content = 'x'.repeat(500_000)
  const from = await memory(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, content])))
  const migration = migrate({ from: { drive: from }, to: { drive: openLocal({ root: dir }) }, concurrency: 4 })
  let settled = 0
  migration.on('settled', () => {
    if (++settled === 10) migration.cancel()
  })
  expect(await migration.run()).toMatchObject({ left: { _tag: 'Stopped' } })
  const names = await readdir(dir)
  expect(names.length).toBeGreaterThanOrEqual(10)
  for (const name of names) {
    expect(name).toMatch(/^f\d+$/)
    expect((await readFile(join(dir, name), 'utf8')).length).toBe(content.length)
  }
})
