// The programs that the READMEs show, run.
import { fromBytes, toPromises, type DriveProvider } from '@anydrive/core'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { openMemory } from '@anydrive/memory'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { moveCompany } from '../src/migration'
import { archive } from '../src/promises'
import { backUp } from '../src/task-either'

const emulators: Array<Emulator> = []
afterAll(async () => {
  for (const emulator of emulators) await emulator.close()
})

test('a drive chosen by configuration does the same on either vendor', async () => {
  const smh = await startTencentSmh({ strict: true })
  const koo = await startKooDrive({ strict: true, config: { behaviour: { jobLife: { kind: 'at-once' } } } })
  emulators.push(smh, koo)
  for (const configuration of [Object.values(smh.configuration)[0], koo.configuration['koo']])
    expect(await archive(configuration)).toEqual([
      'inbox/report.txt → archive/2026/report.txt',
      'NotFound',
      'report.txt',
    ])
})

test('a backup is made once', async () => {
  const drive = openMemory()
  expect(await backUp(drive)()).toEqual({ _tag: 'Right', right: 'copied to /backup' })
  expect(await backUp(drive)()).toEqual({ _tag: 'Right', right: 'there is a backup already' })
})

test('a migration keeps contracts beside each other, and lets the newer file win', async () => {
  const fill = async (drive: DriveProvider, at: string, files: Readonly<Record<string, readonly [string, number]>>) => {
    for (const [name, [content, year]] of Object.entries(files))
      await toPromises(drive).writeFile(`${at}${name}`, fromBytes(content), { modifiedAt: new Date(Date.UTC(year, 0)) })
  }
  const from = openMemory()
  const to = openMemory()
  await fill(from, '', { 'contracts/a': ['new', 2026], older: ['old', 2020], newer: ['new', 2026] })
  await fill(to, 'old-drive/', {
    'contracts/a': ['standing', 2020],
    older: ['standing', 2022],
    newer: ['standing', 2022],
  })
  expect(await moveCompany(from, to)).toBe('2 files carried, 1 renamed, 0 failed')
  const read = (path: string) => toPromises(to).readText(`old-drive/${path}`)
  expect(await Promise.all(['contracts/a', 'contracts/a (from the old drive)', 'older', 'newer'].map(read))).toEqual([
    'standing',
    'new',
    'standing',
    'new',
  ])
})

test('docs/program.md shows the programs as they are', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'program.md'), 'utf8')
  for (const name of ['promises', 'migration']) {
    const program = readFileSync(join(__dirname, '..', 'src', `${name}.ts`), 'utf8')
    expect(page).toContain(`\`\`\`ts\n${program}\`\`\``)
  }
})
