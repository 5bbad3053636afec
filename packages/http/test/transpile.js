// Lets a child process run our TypeScript as it stands: node -r ./transpile.js program.ts
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')
const ts = require('typescript')

const packages = join(__dirname, '..', '..')
const resolve = Module._resolveFilename
Module._resolveFilename = (request, ...rest) =>
  resolve(
    request.replace(/^@anydrive\/([a-z-]+)$/, (_, name) => join(packages, name, 'src', 'index.ts')),
    ...rest,
  )
require.extensions['.ts'] = (module, file) => {
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true }
  module._compile(ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions: options }).outputText, file)
}
