// The times of files, exact to what the caller gave.
import { fromBytes, type DrivePath } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import * as E from 'fp-ts/Either'
import { lstatSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'anydrive-times-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

test('a time that is kept is not one microsecond early', async () => {
  const drive = openLocal({ root })
  for (let i = 0; i < 200; i += 1) {
    const at = new Date(1_000_000_000_000 + i * 7_654_321_987)
    const name = `f${i}` as DrivePath
    expect(E.isRight(await drive.writeFile(name, fromBytes('x'), { modifiedAt: at })())).toBe(true)
    expect(statSync(join(root, name), { bigint: true }).mtimeNs).toBe(BigInt(at.getTime()) * 1_000_000n)
  }
})

test('a date before 1970 is kept to the millisecond', async () => {
  const drive = openLocal({ root })
  const at = new Date(-1_234_567_891)
  await drive.writeFile('f' as DrivePath, fromBytes('x'), { modifiedAt: at })()
  expect(statSync(join(root, 'f'), { bigint: true }).mtimeNs).toBe(BigInt(at.getTime()) * 1_000_000n)
})

test('setting the times of a link leaves what it points at alone, and the time of access stays', async () => {
  const drive = openLocal({ root })
  const at = new Date('2020-02-03T04:05:06.789Z')
  const [file, link] = [join(root, 'f'), join(root, 'link')]
  writeFileSync(file, 'x')
  symlinkSync(file, link)
  const before = { file: statSync(file, { bigint: true }), link: lstatSync(link, { bigint: true }) }
  for (const name of ['link', ''])
    expect(await drive.setTimes(name as DrivePath, { modifiedAt: at })()).toEqual(E.right(undefined))
  expect(lstatSync(link).mtime).toEqual(at)
  expect(statSync(root).mtime).toEqual(at)
  expect(statSync(file, { bigint: true }).mtimeNs).toBe(before.file.mtimeNs)
  expect(lstatSync(link, { bigint: true }).atimeNs / 1000n).toBe(before.link.atimeNs / 1000n)
  expect(await drive.setTimes('f' as DrivePath, { createdAt: at })()).toMatchObject({
    left: { _tag: 'Unsupported', feature: 'operations.setTimes' },
  })
})

test('a copied directory has the times of its files to the microsecond', async () => {
  const drive = openLocal({ root })
  await drive.createDir('d' as DrivePath)()
  const expected = new Map<string, bigint>()
  for (let i = 0; i < 100; i += 1) {
    const file = join(root, 'd', `f${i}`)
    writeFileSync(file, 'x')
    utimesSync(file, 1_700_000_000 + i * 1.000_123, 1_700_000_000 + i * 1.000_123)
    expected.set(`f${i}`, statSync(file, { bigint: true }).mtimeNs / 1000n)
  }
  expect(E.isRight(await drive.copyDir('d' as DrivePath, 'e' as DrivePath)())).toBe(true)
  for (const [name, time] of expected)
    expect(statSync(join(root, 'e', name), { bigint: true }).mtimeNs / 1000n).toBe(time)
})
