// The TypeScript of the packages' READMEs, run as it stands there; only addresses and credentials are the emulators'.
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

const blocksOf = (name: string): ReadonlyArray<string> => {
  const readme = readFileSync(join(__dirname, '..', '..', 'packages', name, 'README.md'), 'utf8')
  return [...readme.matchAll(/```(?:ts|typescript)\n([\s\S]*?)```/g)].flatMap(([, code]) =>
    code === undefined ? [] : [code],
  )
}

type Program = (require: unknown, exports: object, console: object, process: object) => Promise<void>
// An async function's constructor has no name of its own.
const prototype = Object.getPrototypeOf(async () => Promise.resolve()) as { readonly constructor: unknown }
const AsyncFunction = prototype.constructor as new (...parts: ReadonlyArray<string>) => Program

/** What it logs, once it has logged so many lines. */
const logged = async (code: string, lines: number, env: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { outputText } = transpileModule(code, {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
  })
  const seen: Array<string> = []
  let enough = (): void => undefined
  const complete = new Promise<void>((resolve) => (enough = resolve))
  const log = (...values: ReadonlyArray<unknown>) => {
    seen.push(values.map((value) => (typeof value === 'string' ? value : inspect(value, { depth: 9 }))).join(' '))
    if (seen.length >= lines) enough()
  }
  if (lines === 0) enough()
  const run = new AsyncFunction('require', 'exports', 'console', 'process', outputText)
  await run(require, {}, { log, error: log }, { env })
  await complete
  return seen.join('\n')
}

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
