// rclone as a client.
import { path } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { migrate } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { room, runProgram, withProgram, type Ran } from './running'
import { serve, type Gateway } from './serving'
import { contentsOf, plantTree } from './trees'

interface Bench extends Gateway {
  /** A tree of this machine. */
  readonly tree: string
  readonly rclone: (...args: ReadonlyArray<string>) => Promise<Ran>
}

const bench = async (seed: number): Promise<Bench> => {
  const gateway = await serve({ drive: openMemory({ capacity: 1_000_000_000 }) })
  const cwd = room()
  const tree = join(cwd, 'tree')
  mkdirSync(tree)
  plantTree(tree, seed)
  const config = join(cwd, 'rclone.conf')
  writeFileSync(config, `[gate]\ntype = webdav\nurl = ${gateway.url}\nvendor = other\n`)
  const rclone = async (...args: ReadonlyArray<string>) => {
    const ran = await runProgram('rclone', ['--config', config, '--retries', '1', ...args], { cwd })
    if (ran.code !== 0) throw new Error(`rclone ${args.join(' ')}: ${ran.err}`)
    return ran
  }
  return { ...gateway, tree, rclone }
}

withProgram('rclone', () => {
  test('copies a tree of awkward names, and finds every byte of it again', async () => {
    const { tree, rclone, drive } = await bench(1)
    await rclone('copy', tree, 'gate:there')
    const { err } = await rclone('check', '--download', tree, 'gate:there')
    expect(err).toMatch(/ 0 differences found/)
    expect((await contentsOf(drive)).length).toBeGreaterThan(30)
  }, 60_000)

  test('syncs: what changed is replaced, what is gone is removed', async () => {
    const { tree, rclone } = await bench(2)
    await rclone('sync', tree, 'gate:there')
    writeFileSync(join(tree, 'plain.txt'), 'changed')
    writeFileSync(join(tree, 'new'), 'new')
    rmSync(join(tree, 'two words'), { recursive: true, force: true })
    await rclone('sync', tree, 'gate:there')
    expect((await rclone('check', '--download', tree, 'gate:there')).err).toMatch(/ 0 differences found/)
    expect((await rclone('lsf', 'gate:there')).out).not.toMatch(/two words/)
  }, 60_000)

  test('moves a file and a directory by the drive itself', async () => {
    const { tree, rclone, drive } = await bench(3)
    await rclone('copy', tree, 'gate:there')
    const before = await contentsOf(drive)
    await rclone('moveto', 'gate:there', 'gate:deep/below')
    expect(await contentsOf(drive)).toEqual(
      ['deep/', ...before.map((line) => line.replace(/^there/, 'deep/below'))].sort(),
    )
    await rclone('moveto', 'gate:deep/below/plain.txt', 'gate:plain.txt')
    expect(E.isRight(await drive.stat(path('plain.txt'))())).toBe(true)
    expect(E.isRight(await drive.stat(path('deep/below/plain.txt'))())).toBe(false)
  }, 60_000)

  test('streams of unknown length arrive, and space is told', async () => {
    const { rclone, drive } = await bench(4)
    await rclone('rcat', 'gate:from/stdin')
    expect(await contentsOf(drive)).toHaveLength(2)
    expect(JSON.parse((await rclone('about', '--json', 'gate:')).out)).toEqual({
      total: 1_000_000_000,
      free: 1_000_000_000,
      used: 0,
    })
  }, 60_000)

  test('finds names kept as they are, and streams taken', async () => {
    const { rclone } = await bench(5)
    const { out } = await rclone('test', 'info', '--check-normalization', '--check-streaming', 'gate:info')
    expect(out).toMatch(/canWriteUnnormalized = true/)
    expect(out).toMatch(/canReadUnnormalized {3}= true/)
    expect(out).toMatch(/canReadRenormalized {3}= false/)
    expect(out).toMatch(/canStream = true/)
  }, 60_000)

  test('brings about the same tree as a migration by anydrive does', async () => {
    const { tree, rclone, drive } = await bench(6)
    await rclone('copy', '--create-empty-src-dirs', tree, 'gate:')
    const own = openMemory()
    const migrated = await migrate({ from: { drive: openLocal({ root: tree }) }, to: { drive: own } }).run()
    expect(E.isRight(migrated) && migrated.right.failed).toEqual([])
    expect(await contentsOf(drive)).toEqual(await contentsOf(own))
  }, 60_000)
})
