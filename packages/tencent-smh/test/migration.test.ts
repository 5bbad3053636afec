// A migration from each deployment to the other: everything arrives, by content, also while the services fail, and a second run finds it all.
import { fromBytes, toPromises, walk, type DriveProvider } from '@anydrive/core'
import { migrate, type MigrateOptions, type Summary } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { benches, mebibyte } from './deployments'
import { at, right } from './harness'

const start = benches()
const files: Readonly<Record<string, Buffer>> = {
  'a/empty': Buffer.alloc(0),
  'a/b/small.txt': Buffer.from('small'),
  "it's 100%/a&b+c": Buffer.alloc(70_000, 'signs'),
  'large/one': Buffer.alloc(3 * mebibyte + 5, 'the first'),
  'large/two': Buffer.alloc(2 * mebibyte, 'the second'),
}

/** Every path with the digest of its content, and directories without one. */
const treeOf = async (drive: DriveProvider): Promise<Readonly<Record<string, string>>> => {
  const tree: Record<string, string> = {}
  for await (const entry of walk(drive, at('/'))) {
    if (E.isLeft(entry)) throw new Error(entry.left.message)
    const { path, kind } = entry.right
    const digest = createHash('sha256')
    if (kind === 'file') digest.update(await buffer((await right(drive.readFile(path))).stream))
    tree[path] = kind === 'file' ? digest.digest('hex') : kind
  }
  return tree
}

const run = async (options: MigrateOptions): Promise<Summary> => {
  const ended = await migrate({ delay: () => Promise.resolve(), ...options }).run()
  if (E.isLeft(ended)) throw new Error(ended.left.message)
  return ended.right
}

test.each([
  ['public', 'private', ''],
  ['private', 'public', ''],
  ['private', 'private', ''],
  ['public', 'private', 'lost=0.03,5xx=0.05,5xx-late=0.03,put=0.1,get=0.1,token=0.03,short=0.3'],
  ['private', 'public', 'lost=0.03,5xx=0.05,5xx-late=0.03,put=0.1,get=0.1,token=0.03,short=0.3'],
] as const)('from %s to %s %s', async (source, target, faults) => {
  const [from, to] = [await start({ deployment: source }), await start({ deployment: target, seed: 5 })]
  for (const [path, bytes] of Object.entries(files)) await toPromises(from.drive).writeFile(path, bytes)
  const ends = { from: { drive: from.drive }, to: { drive: to.drive }, verify: 'full' } as const
  for (const { emulator } of [from, to]) emulator.faults.set(faults)
  const first = await run(ends)
  for (const { emulator } of [from, to]) emulator.faults.clear()
  if (faults === '') expect(first).toMatchObject({ files: 5, failures: 0, arrivals: { 'read-back': 5 } })
  const again = await run({ ...ends, conflict: 'skip' })
  expect(again).toMatchObject({ failures: 0, files: 5 - again.skipped })
  expect(await treeOf(to.drive)).toEqual(await treeOf(from.drive))
  expect(Object.keys(await treeOf(to.drive))).toHaveLength(5 + 4)
})

test('of a file that grows by a second run with overwrite', async () => {
  const [from, to] = [await start({ deployment: 'public' }), await start({ seed: 5 })]
  const ends = { from: { drive: from.drive }, to: { drive: to.drive } }
  await right(from.drive.writeFile(at('f'), fromBytes(Buffer.alloc(2 * mebibyte, 'short'))))
  expect(await run(ends)).toMatchObject({ files: 1 })
  await right(from.drive.writeFile(at('f'), fromBytes(Buffer.alloc(4 * mebibyte, 'long')), { conflict: 'overwrite' }))
  expect(await run({ ...ends, conflict: 'overwrite' })).toMatchObject({ files: 1, failures: 0 })
  expect(await treeOf(to.drive)).toEqual(await treeOf(from.drive))
})
