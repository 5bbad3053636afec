// rclone as a client.
import { path, type DriveProvider } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { migrate } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drives } from './drives'
import { room, runProgram, withProgram, type Ran } from './running'
import { serve, type Gateway } from './serving'
import { contentsOf, plantTree } from './trees'

/** In every tree of this seed. */
const gone = 'two words'

interface Bench extends Gateway {
  /** A tree of this machine. */
  readonly tree: string
  readonly rclone: (...args: ReadonlyArray<string>) => Promise<Ran>
}

const bench = async (seed: number, drive: DriveProvider = openMemory({ capacity: 1_000_000_000 })): Promise<Bench> => {
  const gateway = await serve({ drive })
  const cwd = room()
  const tree = join(cwd, 'tree')
  mkdirSync(tree)
  const { forbidden } = drive.capabilities.naming
  plantTree(tree, seed, { forbidden, share: drive.vendor === 'memory' ? 66 : 40 })
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
  test.each(Object.keys(drives))(
    'copies a tree of awkward names to %s, syncs and moves it, and finds every byte of it again',
    async (name) => {
      const { tree, rclone, drive } = await bench(1, await drives[name]?.())
      const isSame = async (there: string) =>
        (await rclone('check', '--download', tree, there)).err.includes(' 0 differences found')
      await rclone('copy', tree, 'gate:there')
      expect(await isSame('gate:there')).toBe(true)
      writeFileSync(join(tree, 'changed'), 'changed')
      writeFileSync(join(tree, 'new'), 'new')
      rmSync(join(tree, gone), { recursive: true, force: true })
      await rclone('sync', tree, 'gate:there')
      expect(await isSame('gate:there')).toBe(true)
      expect((await rclone('lsf', 'gate:there')).out.split('\n')).not.toContain(gone)
      const before = await contentsOf(drive)
      await rclone('moveto', 'gate:there', 'gate:deep/below')
      expect(await contentsOf(drive)).toEqual(
        ['deep/', ...before.map((line) => line.replace(/^there/, 'deep/below'))].sort(),
      )
      await rclone('moveto', 'gate:deep/below/new', 'gate:new')
      expect(E.isRight(await drive.stat(path('new'))())).toBe(true)
      expect(E.isRight(await drive.stat(path('deep/below/new'))())).toBe(false)
    },
  )

  test('streams of unknown length arrive, and space is told', async () => {
    const { rclone, drive } = await bench(4)
    await rclone('rcat', 'gate:from/stdin')
    expect(await contentsOf(drive)).toHaveLength(2)
    expect(JSON.parse((await rclone('about', '--json', 'gate:')).out)).toEqual({
      total: 1_000_000_000,
      free: 1_000_000_000,
      used: 0,
    })
  }, 600_000)

  test('finds names kept as they are, and streams taken', async () => {
    const { rclone } = await bench(5)
    const { out } = await rclone('test', 'info', '--check-normalization', '--check-streaming', 'gate:info')
    expect(out).toMatch(/canWriteUnnormalized = true/)
    expect(out).toMatch(/canReadUnnormalized {3}= true/)
    expect(out).toMatch(/canReadRenormalized {3}= false/)
    expect(out).toMatch(/canStream = true/)
  }, 600_000)

  test('brings about the same tree as a migration by anydrive does', async () => {
    const { tree, rclone, drive } = await bench(6)
    await rclone('copy', '--create-empty-src-dirs', tree, 'gate:')
    const own = openMemory()
    const migrated = await migrate({ from: { drive: openLocal({ root: tree }) }, to: { drive: own } }).run()
    expect(E.isRight(migrated) && migrated.right.failed).toEqual([])
    expect(await contentsOf(drive)).toEqual(await contentsOf(own))
  }, 600_000)
})
