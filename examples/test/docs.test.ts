// The pages of docs and the README: their code compiles and runs as it is written, and their tables are complete.
import type { FaultTag } from '@anydrive/core'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { blocksOf, logged, root, type Block } from './blocks'

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const readmes = readdirSync(join(root, 'packages'))
  .map((name) => `packages/${name}/README.md`)
  .filter((page) => blocksOf(page).some(({ language }) => language === 'ts'))
const programs = (page: string): ReadonlyArray<Block> => blocksOf(page).filter(({ language }) => language === 'ts')

/** Where the packages of a page can be found: those of a README by its own package. */
const directoryOf = (page: string): string => join(root, page.startsWith('packages/') ? dirname(page) : 'examples')

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-docs-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

test('all TypeScript of the pages and READMEs compiles', () => {
  const files = new Map(
    [...pages, ...readmes].flatMap((page) =>
      programs(page).map(({ code }, i) => [
        join(directoryOf(page), `${page.replaceAll('/', '-')}-${i}.ts`),
        // A block that only shows a call leaves its surroundings out.
        /^(import|export) /m.test(code) ? code : undefined,
      ]),
    ),
  )
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, esModuleInterop: true, types: ['node'] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    typeRoots: [join(root, 'node_modules', '@types')],
  }
  const host = ts.createCompilerHost(options)
  const fileExists = host.fileExists.bind(host)
  const readFile = host.readFile.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    const code = files.get(name)
    return code === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, code, ts.ScriptTarget.ES2022)
  }
  const whole = [...files].flatMap(([name, code]) => (code === undefined ? [] : [name]))
  expect(whole.length).toBeGreaterThan(15)
  const program = ts.createProgram(whole, options, host)
  expect(
    ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => [file?.fileName, ts.flattenDiagnosticMessageText(messageText, ' ')]),
  ).toEqual([])
})

/** What the comments after `console.log` say that it prints. */
const printed = (code: string): ReadonlyArray<string> =>
  code.split('\n').flatMap((line) => {
    const at = line.lastIndexOf(' // ')
    return line.includes('console.log(') && at !== -1 ? [line.slice(at + 4)] : []
  })

const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

describe.each(pages.filter((page) => programs(page).length > 0))('%s', (page) => {
  test.each(programs(page).map(({ code }) => [code.split('\n').slice(0, 2).join(' '), code]))(
    'runs %s',
    async (_, code) => {
      expect(spaced(await logged(code, 0))).toBe(spaced(printed(code).join(' ')))
    },
  )
})

/** A directory with the command `anydrive`. */
const withCommand = (): NodeJS.ProcessEnv => {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  const command = join(bin, 'anydrive')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'packages/cli/bin/anydrive.js')}" "$@"\n`)
  chmodSync(command, 0o755)
  return { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
}

test.each(['README.md', 'docs/migrate.md', 'docs/recipes.md'])(
  'the commands of %s work one after the other',
  async (page) => {
    const blocks = blocksOf(page).filter(({ language, code }) => language === 'sh' && /^anydrive /m.test(code))
    expect(blocks.length).toBeGreaterThan(0)
    const env = withCommand()
    const work = join(dir, 'work')
    mkdirSync(work)
    if (page === 'README.md') {
      mkdirSync(join(work, 'reports'))
      writeFileSync(join(work, 'reports', 'a.txt'), 'content')
    }
    const script = [
      'set -euo pipefail',
      "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT",
      ...blocks.map(({ code }) => code),
    ]
    const { stdout } = await promisify(execFile)('bash', ['-c', script.join('\n')], { cwd: work, env })
    if (page === 'docs/migrate.md') expect(stdout).toContain('summary.txt')
  },
  300_000,
)

test('the table of errors has every tag', () => {
  const tags: Readonly<Record<FaultTag, true>> = {
    ...{ NameConflict: true, NotFound: true, WrongKind: true, InvalidPath: true, InvalidArgument: true },
    ...{ NestedTarget: true, Ambiguous: true, RangeNotSatisfiable: true, PreconditionFailed: true, Rejected: true },
    ...{ Unauthenticated: true, Forbidden: true, QuotaExceeded: true, LimitExceeded: true, RateLimited: true },
    ...{ Unavailable: true, Network: true, Timeout: true, ChecksumMismatch: true, SourceFailed: true },
    ...{ UnexpectedResponse: true, TaskFailed: true, Indeterminate: true, Unsupported: true, Aborted: true },
  }
  const listed = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `(\w+)` +\|/gm)].map(
    ([, tag]) => tag,
  )
  expect(listed).toEqual(Object.keys(tags))
})

/** Levels of headings, pictures and code, which a translation has in common with its original. */
const frameOf = (page: string): unknown => {
  const text = readFileSync(join(root, page), 'utf8')
  const withoutCode = text.replaceAll(/^```[\s\S]*?^```/gm, '')
  return {
    headings: [...withoutCode.matchAll(/^(#+) /gm)].map(([, level]) => level),
    pictures: [...withoutCode.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, target]) => target),
    code: blocksOf(page).map(({ code }) => code.split('\n').map((line) => line.replace(/(#|\/\/) .*$/, '').trimEnd())),
  }
}

test('the Chinese README has the headings, the pictures and the code of the English one', () => {
  expect(frameOf('README.zh-CN.md')).toEqual(frameOf('README.md'))
})

test('the README can be read in a few minutes', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(150)
})
