// The tests in docs/emulators.md pass as they are written, each under its own test runner.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksOf, root } from './blocks'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-docs-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const tests = (): ReadonlyArray<string> =>
  blocksOf('docs/emulators.md').flatMap(({ language, code }) => (language === 'js' ? [code] : []))

test('the tests with emulators pass in jest and in node:test', () => {
  symlinkSync(join(root, 'examples', 'node_modules'), join(dir, 'node_modules'))
  const [injest = '', innode = ''] = tests()
  expect(tests()).toHaveLength(2)
  writeFileSync(join(dir, 'package.json'), '{}')
  writeFileSync(join(dir, 'vendor.test.js'), injest)
  writeFileSync(join(dir, 'vendor.mjs'), '')
  writeFileSync(join(dir, 'node.js'), innode)
  const jest = spawnSync(process.execPath, [require.resolve('jest/bin/jest'), '--rootDir', dir, '--config', '{}'], {
    ...{ cwd: dir, encoding: 'utf8' },
  })
  expect(jest.stderr).toContain('Tests:       2 passed, 2 total')
  const node = spawnSync(process.execPath, ['--test', 'node.js'], { cwd: dir, encoding: 'utf8' })
  expect(node.stdout).toContain('pass 1')
  expect([jest.status, node.status]).toEqual([0, 0])
}, 300_000)
