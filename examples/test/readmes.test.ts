// The TypeScript of the packages' READMEs, run as it stands there; only addresses and credentials are the emulators'.
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksOf as blocksOfPage, logged } from './blocks'

const blocksOf = (name: string): ReadonlyArray<string> =>
  blocksOfPage(`packages/${name}/README.md`).flatMap(({ language, code }) => (language === 'ts' ? [code] : []))

const only = (blocks: ReadonlyArray<string>): string => {
  expect(blocks).toHaveLength(1)
  return blocks[0] ?? ''
}

test('tencent-smh', async () => {
  const emulator = await startTencentSmh({ strict: true, config: { libraries: [{ id: 'smh1example', secret: 's' }] } })
  const code = only(blocksOf('tencent-smh'))
    .replace('https://smh1example.api.tencentsmh.cn', emulator.url)
    .replace("libraryId: 'smh1example',", "libraryId: 'smh1example', uploadScheme: 'http',")
  const said = await logged(code, 2, { SMH_SECRET: 's' })
  expect(said.match(/_tag: 'Right'/g)).toHaveLength(2)
  await emulator.close()
})

test('koodrive', async () => {
  const emulator = await startKooDrive({
    strict: true,
    config: {
      users: [{ tokens: [{ accessToken: 'ab12' }] }],
      spaces: [{ kind: 'personal', containerId: 'IAAx' }],
      behaviour: { jobLife: { kind: 'at-once' } },
    },
  })
  const code = only(blocksOf('koodrive'))
    .replace('https://cn.myhuaweicloud-koodrive.com', emulator.url)
    .replace('IAA…', 'IAAx')
  const said = await logged(code, 2, { KOODRIVE_TOKEN: 'ab12' })
  expect(said.match(/_tag: 'Right'/g)).toHaveLength(2)
  await emulator.close()
})

test('emulators', async () => {
  const blocks = blocksOf('emulators')
  expect(blocks).toHaveLength(2)
  for (const code of blocks) await logged(code, 0)
})

test('migrate', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'anydrive-readme-'))
  const blocks = blocksOf('migrate').map((code) => code.replaceAll('/tmp/reports.journal', join(dir, 'journal')))
  expect(blocks).toHaveLength(5)
  const said: Array<string> = []
  for (const code of blocks) said.push(await logged(code, 0))
  expect(said.join('\n')).not.toContain('Left')
  await rm(dir, { recursive: true })
})
