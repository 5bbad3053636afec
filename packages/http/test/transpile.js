// Lets a child process run our TypeScript as it stands: node -r ./transpile.js program.ts
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')

const packages = join(__dirname, '..', '..')
const resolve = Module._resolveFilename
Module._resolveFilename = (request, ...rest) =>
  resolve(
    request.replace(/^@anydrive\/([a-z-]+)$/, (_, name) => join(packages, name, 'src', 'index.ts')),
    ...rest,
  )

const transpiled = (text) => {
  const ts = require('typescript')
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true }
  return ts.transpileModule(text, { compilerOptions: options }).outputText
}

/** Loading the compiler and transpiling every source takes most of the time of a short program, so each text is transpiled once. */
const cache = join(packages, '..', 'node_modules', '.cache', 'transpiled')
const cached = (text) => {
  const file = join(cache, `${createHash('sha256').update(text).digest('hex')}.js`)
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const output = transpiled(text)
    mkdirSync(cache, { recursive: true })
    // Renamed, since another process may read it at the same time.
    writeFileSync(`${file}.${process.pid}`, output)
    renameSync(`${file}.${process.pid}`, file)
    return output
  }
}
require.extensions['.ts'] = (module, file) => module._compile(cached(readFileSync(file, 'utf8')), file)
