// The strategies `newer` and `different` of the library, with what the ends report.
import { toPromises, type DriveProvider, type Entry, type FileEntry } from '@anydrive/core'
import type { Decision, MigrateOptions } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { contents, memory, run, summaryOf, type Files } from './drives'

const early = new Date('2020-01-01T00:00:00.500Z')
const late = new Date('2021-01-01T00:00:00.500Z')

const filled = async (files: Files, modifiedAt: Date, reports: 'checksums' | 'none' = 'checksums') => {
  const drive = await memory({}, reports === 'none' ? { checksums: [] } : {})
  for (const [path, text] of Object.entries(files)) await toPromises(drive).writeFile(path, text, { modifiedAt })
  return drive
}
/** Counts the files that are written, and those that are read. */
const counted = (drive: DriveProvider) => {
  const calls = { reads: 0, writes: 0 }
  const it: DriveProvider = {
    ...drive,
    readFile: (...all) => {
      calls.reads += 1
      return drive.readFile(...all)
    },
    writeFile: (...all) => {
      calls.writes += 1
      return drive.writeFile(...all)
    },
  }
  return { drive: it, calls }
}
const timeless = (drive: DriveProvider): DriveProvider => {
  const without = ({ modifiedAt: _, ...entry }: Entry): Entry => entry
  return {
    ...drive,
    list:
      (...all) =>
      async () => {
        const page = await drive.list(...all)()
        return E.isLeft(page) ? page : E.right({ ...page.right, items: page.right.items.map((it) => without(it)) })
      },
  }
}
const migrated = (from: DriveProvider, to: DriveProvider, more: Partial<MigrateOptions>) =>
  summaryOf({ from: { drive: from }, to: { drive: to }, ...more })

test.each(['newer', 'different'] as const)(
  '%s keeps equal content of another time by its checksum',
  async (conflict) => {
    const { drive, calls } = counted(await filled({ a: 'abc', b: 'new' }, early))
    const from = await filled({ a: 'abc', b: 'old' }, late)
    expect(await migrated(from, drive, { conflict })).toMatchObject({ files: 1, skipped: 1, same: { sha256: 1 } })
    expect(calls.writes).toBe(1)
    expect(await migrated(from, drive, { conflict })).toMatchObject({ files: 0, skipped: 2, identical: 2 })
    expect(calls).toEqual({ reads: 0, writes: 1 })
  },
)

test.each([
  ['both of one millisecond', 1, 1],
  ['the target of a second', 1, 1000],
  ['the source of two seconds', 2000, 1],
])('without a checksum in common, times are equal within the coarser precision: %s', async (_what, source, target) => {
  const precise = (drive: DriveProvider, precision: number): DriveProvider => ({
    ...drive,
    capabilities: { ...drive.capabilities, times: { ...drive.capabilities.times, precision } },
  })
  const apart = Math.max(source, target)
  const to = await filled({ a: 'abc', b: 'abc' }, early, 'none')
  const from = await filled({ a: 'xyz' }, new Date(early.getTime() + apart - 1), 'none')
  await toPromises(from).writeFile('b', 'xyz', { modifiedAt: new Date(early.getTime() + apart) })
  const ran = await migrated(precise(from, source), precise(to, target), { conflict: 'newer' })
  expect(ran).toMatchObject({ files: 1, skipped: 1, same: { time: 1 } })
  expect(await contents(to)).toEqual({ a: 'abc', b: 'xyz' })
})

test('newer keeps a file where a time is missing, and says so', async () => {
  const to = await filled({ a: 'abc', b: 'x' }, early, 'none')
  const from = timeless(await filled({ a: 'xyz', b: 'longer' }, late, 'none'))
  const summary = await migrated(from, to, { conflict: 'newer' })
  expect(summary).toMatchObject({ files: 0, skipped: 2, identical: 0, kept: { 'no-time': 2 }, failures: 0 })
  expect(await contents(to)).toEqual({ a: 'abc', b: 'x' })
})

test('different compares by size alone where nothing else is known, and says so', async () => {
  const to = await filled({ a: 'abc', b: 'x' }, early, 'none')
  const from = timeless(await filled({ a: 'xyz', b: 'longer' }, late, 'none'))
  expect(await migrated(from, to, { conflict: 'different' })).toMatchObject({
    files: 1,
    identical: 0,
    same: { size: 1 },
  })
  expect(await contents(to)).toEqual({ a: 'abc', b: 'longer' })
  expect(await migrated(from, to, { conflict: 'different', compare: 'time' })).toMatchObject({ files: 2 })
})

test('checksum reads only the side that reports none; content reads both', async () => {
  const files = { a: 'abc' }
  const [from, to] = [counted(await filled(files, late, 'none')), counted(await filled(files, early))]
  const options = { conflict: 'different', compare: 'checksum' } as const
  expect(await migrated(from.drive, to.drive, options)).toMatchObject({ skipped: 1, identical: 1, same: { sha256: 1 } })
  expect([from.calls.reads, to.calls.reads]).toEqual([1, 0])
  const read = await migrated(from.drive, to.drive, { ...options, compare: 'content' })
  expect(read).toMatchObject({ skipped: 1, identical: 1, same: { content: 1 } })
  expect([from.calls.reads, to.calls.reads]).toEqual([2, 1])
})

test('a policy function may leave the decision to a strategy that compares', async () => {
  const to = await filled({ a: 'abc', b: 'abc' }, late)
  const from = await filled({ a: 'xyz', b: 'xyz' }, early)
  const conflict = ({ source }: { readonly source: Pick<FileEntry, 'name'> }): Decision =>
    source.name === 'a' ? 'newer' : 'different'
  expect(await migrated(from, to, { conflict })).toMatchObject({ files: 1, kept: { 'not-newer': 1 } })
  expect(await contents(to)).toEqual({ a: 'abc', b: 'xyz' })
})

test('a file in the place of a directory stays a conflict', async () => {
  const from = await memory({ 'a/b': 'x', c: 'x' })
  const to = await memory({ a: 'file', 'c/d': 'x' })
  for (const conflict of ['newer', 'different'] as const)
    expect(await run({ from: { drive: from }, to: { drive: to }, conflict })).toMatchObject({
      right: { files: 0, failures: 2, blocked: 1 },
    })
})

test.each([
  ['different', 'content', {}],
  ['different', 'size', { a: 'abc' }],
  ['newer', 'checksum', {}],
  ['newer', 'time', {}],
  ['overwrite', undefined, {}],
  ['skip', undefined, { a: 'abc' }],
] as const)(
  'a move by %s and %s removes what was not sent only if it is proven to be equal',
  async (conflict, compare, rest) => {
    const to = await filled({ a: 'abc' }, early)
    const from = await filled({ a: 'abc', b: 'new' }, late)
    const removed = 2 - Object.keys(rest).length
    expect(await migrated(from, to, { conflict, compare, removeSource: true })).toMatchObject({ removed, files: 1 })
    expect(await contents(from)).toEqual(rest)
    expect(await contents(to)).toEqual({ a: 'abc', b: 'new' })
  },
)
