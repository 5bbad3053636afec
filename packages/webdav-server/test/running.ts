// Programs that nobody here wrote, run against a gateway; where one is missing the tests say so.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const isThere = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined

/** Says so in the name where a program is missing, and leaves the tests out. */
export const withProgram = (program: string, tests: () => void, isInstalled = isThere(program)): void => {
  if (isInstalled) describe(program, tests)
  else
    describe(`${program}: NOT RUN, the program is not installed`, () => {
      test('is left out', () => {
        process.stderr.write(`${program}: not run, the program is not installed\n`)
      })
    })
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export const runProgram = (
  program: string,
  args: ReadonlyArray<string>,
  { cwd, input = '' }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: cwd ?? tmpdir(), env: { ...process.env, HOME: cwd ?? tmpdir() } })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
    child.stdin.end(input)
  })

const rooms: Array<string> = []
afterAll(() => {
  for (const room of rooms) rmSync(room, { recursive: true, force: true })
})

/** A directory that goes with the test file. */
export const room = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-webdav-server-'))
  rooms.push(dir)
  return dir
}
