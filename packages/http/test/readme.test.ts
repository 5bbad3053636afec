// The example of the README is a program that works.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { servers } from './server'

const serve = servers()
const program = join(__dirname, 'programs', 'example.ts')

test('the README shows the program as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(program, 'utf8').trim())
})

test('which asks for the file and prints what it learns', async () => {
  const asked: Array<string | undefined> = []
  const { base } = await serve((req, res) => {
    asked.push(req.url)
    res.end('{"name":"a b","size":3}')
  })
  const { stdout } = await promisify(execFile)(process.execPath, [
    '-r',
    join(__dirname, 'transpile.js'),
    program,
    base,
    'a b',
  ])
  expect(stdout).toContain("right: { name: 'a b', size: 3 }")
  expect(asked).toEqual(['/files/a%20b?info&access_token=a%20token'])
})
