// The programs of the README, run.
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { path, root, toPromises } from '../src'
import { openNotes } from './programs/adapter'
import { tidy } from './programs/drive'
import { toy } from './toy'

test.each(['drive', 'adapter'])('the README shows the program %s as it is', (name) => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(join(__dirname, 'programs', `${name}.ts`), 'utf8').trim())
})

test('a drive is used', async () => {
  expect(await tidy(toy().drive)).toEqual([
    'inbox/report.txt → archive/report.txt',
    'toy batchMove /inbox/none: nothing exists at this path; check its spelling',
    'taken by a directory',
    'archive',
    'archive/report.txt',
    'inbox',
  ])
})

test('an adapter’s author writes little, and gets the rest', async () => {
  const drive = openNotes()
  const files = toPromises(drive)
  expect((await files.createDir('a/b/c')).path).toBe('a/b/c')
  expect((await files.list('a')).items.map((e) => e.name)).toEqual(['b'])
  expect(await drive.createDir(path('why?'))()).toMatchObject({ left: { _tag: 'InvalidPath' } })
  expect(await drive.createDir(path('a'), { conflict: 'rename' })()).toMatchObject({ left: { _tag: 'Unsupported' } })
  expect(await drive.copyDir(path('a'), path('d'))()).toMatchObject({
    left: { _tag: 'Unsupported', feature: 'operations.copyDir' },
  })
  expect(E.isRight(await drive.stat(root)())).toBe(true)
})
