// The example of the README is a program that works.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

type Program = (require: unknown, exports: object, console: object) => void

test('the example serves a drive, and ends', async () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  const [, code = ''] = /```typescript\n([\s\S]*?)```/.exec(readme) ?? []
  const { outputText } = transpileModule(code, {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
  })
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the README's own program, as it stands there
  const program = new Function('require', 'exports', 'console', outputText) as Program
  const logged = await new Promise((resolve) => {
    program(require, {}, { log: (...values: ReadonlyArray<unknown>) => resolve(values), error: resolve })
  })
  expect(logged).toEqual([200, 'hello'])
})
