// The program of the README, run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { save } from './programs/drive'
import { apache, credentials, hasApache, withProgram } from './servers'

test('the README shows the program as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(join(__dirname, 'programs', 'drive.ts'), 'utf8').trim())
})

withProgram(hasApache, 'Apache httpd', () => {
  const { running } = apache('basic')
  test('holds what the program saves', async () => {
    expect(await save(running().url, credentials.password)).toBe('reports/2026.txt')
    expect(readFileSync(join(running().files, 'reports', '2026.txt'), 'utf8')).toBe('hello')
  }, 600_000)
})
