// Code blocks of Markdown pages: found, and run as they are written.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'node:util'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

export const root = join(__dirname, '..', '..')

export interface Block {
  readonly page: string
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a page, by its path below the root of the repository. */
export const blocksOf = (page: string): ReadonlyArray<Block> =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(
    ([, language = '', code = '']) => ({ page, language: language === 'typescript' ? 'ts' : language, code }),
  )

type Program = (require: unknown, exports: object, console: object, process: object) => Promise<void>
// An async function's constructor has no name of its own.
const prototype = Object.getPrototypeOf(async () => Promise.resolve()) as { readonly constructor: unknown }
const AsyncFunction = prototype.constructor as new (...parts: ReadonlyArray<string>) => Program

/** Runs a block of TypeScript; resolves with what it logs, once it has ended and logged so many lines. */
export const logged = async (
  code: string,
  lines: number,
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const { outputText } = transpileModule(code, {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
  })
  const seen: Array<string> = []
  let enough = (): void => undefined
  const complete = new Promise<void>((resolve) => (enough = resolve))
  const log = (...values: ReadonlyArray<unknown>) => {
    seen.push(format(...values))
    if (seen.length >= lines) enough()
  }
  if (lines === 0) enough()
  const run = new AsyncFunction('require', 'exports', 'console', 'process', outputText)
  await run(require, {}, { log, error: log }, { env })
  await complete
  return seen.join('\n')
}
