// A test runner for Stryker: all tests of a judge in one process, loaded once; mutants are switched, not reloaded.
// A mutant that runs while modules load has the judged package and its tests loaded anew, nothing else.
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { clearTimeout } from 'node:timers'
import { format } from 'node:util'

/** Stryker's copy of the repository, where it changes to after this file is loaded. */
let root
const judge = JSON.parse(process.env.ANYDRIVE_JUDGE ?? '{"files":[],"reload":"packages/"}')

/** TypeScript as jest has it here: transpiled only, with `@anydrive/x` as the sources of x. */
const readTypeScript = () => {
  const require = createRequire(join(root, 'package.json'))
  const ts = require('typescript')
  const compiled = new Map()
  Module._extensions['.ts'] = (module, file) => {
    if (!compiled.has(file)) {
      const compilerOptions = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        esModuleInterop: true,
        inlineSourceMap: true,
      }
      compiled.set(file, ts.transpileModule(readFileSync(file, 'utf8'), { fileName: file, compilerOptions }).outputText)
    }
    module._compile(compiled.get(file), file)
  }
  const resolveFilename = Module._resolveFilename
  Module._resolveFilename = (request, parent, ...rest) => {
    const own = /^@anydrive\/([a-z-]+)$/.exec(request)
    const wanted = own ? join(root, 'packages', own[1], 'src') : request
    if (wanted.startsWith('.') || own) {
      const at = resolve(parent?.path ?? root, wanted)
      for (const file of [`${at}.ts`, join(at, 'index.ts')])
        if (existsSync(file) && statSync(file).isFile()) return file
    }
    return resolveFilename(wanted, parent, ...rest)
  }
  return require
}

const suiteOf = (name, parent) => ({
  name,
  parent,
  children: [],
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
})
let current
let file
let tests = new Map()

const idOf = (suite, name) => {
  const names = [name]
  for (let it = suite; it.parent; it = it.parent) names.unshift(it.name)
  let id = names.join(' ')
  for (let n = 2; tests.has(id); n++) id = `${names.join(' ')} (${n})`
  return id
}

const each = (declare) => (table) => (name, body, timeout) => {
  for (const row of table) {
    const values = Array.isArray(row) ? row : [row]
    const count = (name.match(/%[sdijof]/g) ?? []).length
    declare(format(name, ...values.slice(0, count)), () => body(...values), timeout)
  }
}
const describe = (name, body) => {
  const outer = current
  current = suiteOf(name, outer)
  outer.children.push(current)
  body()
  current = outer
}
const test = (name, body) => {
  const it = { id: idOf(current, name), body, file }
  tests.set(it.id, it)
  current.children.push(it)
}
const hook = (kind) => (body) => current.hooks[kind].push(body)

const globals = (require) => ({
  describe: Object.assign(describe, { each: each(describe) }),
  test: Object.assign(test, { each: each(test) }),
  beforeAll: hook('beforeAll'),
  afterAll: hook('afterAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  expect: require('expect').expect,
})

let top
const load = (require) => {
  for (const path of Object.keys(require.cache))
    if (path.startsWith(join(root, judge.reload)) || judge.files.includes(relative(root, path)))
      delete require.cache[path]
  for (const path of Object.keys(require.cache)) if (/\/test\//.test(relative(root, path))) delete require.cache[path]
  top = suiteOf('', undefined)
  tests = new Map()
  for (file of judge.files) {
    current = top
    describe(relative('packages', file), () => require(join(root, file)))
  }
}

/** A test that hangs ends the process after its failure is told: whatever it left running ends with it. */
const patience = Number(process.env.ANYDRIVE_PATIENCE ?? 15_000)
let broken
let hung = false
const within = async (body) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      hung = true
      reject(new Error(`not settled within ${patience} ms`))
    }, patience)
    broken = reject
  })
  late.catch(() => undefined)
  try {
    await Promise.race([(async () => body())(), late])
  } finally {
    clearTimeout(timer)
    broken = undefined
  }
}
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => broken?.(error))

const outerFirst = (suite) => (suite === undefined ? [] : [...outerFirst(suite.parent), suite])

const runTest = async (it, suite) => {
  const suites = outerFirst(suite)
  try {
    for (const { hooks } of suites) for (const body of hooks.beforeEach) await within(body)
    await within(it.body)
  } finally {
    for (const { hooks } of suites.reverse()) for (const body of hooks.afterEach) await within(body)
  }
}

const ledTo = (node, wanted) =>
  node.children === undefined ? wanted(node) : node.children.some((child) => ledTo(child, wanted))

/** One test after another, until one fails. */
const runSuite = async (suite, wanted, done) => {
  const children = suite.children.filter((child) => ledTo(child, wanted))
  let going = true
  try {
    for (const body of suite.hooks.beforeAll) await within(body)
    for (const child of children) {
      if (!going) break
      going = child.children ? await runSuite(child, wanted, done) : await done(child, () => runTest(child, suite))
    }
  } catch (error) {
    const first = children.find((child) => child.children === undefined)
    await done(first ?? { id: `${suite.name} (hooks)`, file: undefined }, () => Promise.reject(error))
    going = false
  }
  for (const body of suite.hooks.afterAll) await within(body).catch(() => undefined)
  return going
}

const context = () => (globalThis.__stryker__ ??= {})

const createRunner = () => {
  let require
  let reloaded = false
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    init: async () => {
      root = process.cwd()
      require = readTypeScript()
      Object.assign(globalThis, globals(require))
    },
    dryRun: async () => {
      const seen = []
      delete context().activeMutant
      load(require)
      const fine = await runSuite(
        top,
        () => true,
        async (it, run) => {
          const from = Date.now()
          context().currentTestId = it.id
          const failure = await run().then(
            () => undefined,
            (error) => error,
          )
          context().currentTestId = undefined
          const fileName = it.file === undefined ? undefined : join(root, it.file)
          const told = { id: it.id, name: it.id, timeSpentMs: Date.now() - from, fileName }
          seen.push(
            failure
              ? { ...told, status: 1, failureMessage: String(failure?.stack ?? failure) }
              : { ...told, status: 0 },
          )
          return failure === undefined
        },
      )
      return fine || seen.length > 0
        ? { status: 'complete', tests: seen, mutantCoverage: context().mutantCoverage }
        : { status: 'error', errorMessage: 'no test ran' }
    },
    mutantRun: async ({ activeMutant, testFilter, reloadEnvironment, hitLimit }) => {
      if (hung) process.exit(1)
      const it = context()
      Object.assign(it, { hitLimit, hitCount: hitLimit === undefined ? undefined : 0, activeMutant: undefined })
      delete it.activeMutant
      let failed
      let count = 0
      try {
        if (reloadEnvironment) it.activeMutant = activeMutant.id
        if (reloadEnvironment || reloaded) load(require)
        reloaded = reloadEnvironment === true
        it.activeMutant = activeMutant.id
        const filter = testFilter === undefined ? undefined : new Set(testFilter)
        await runSuite(
          top,
          ({ id }) => filter === undefined || filter.has(id),
          async ({ id }, run) => {
            count++
            const failure = await run().then(
              () => undefined,
              (error) => error,
            )
            if (failure !== undefined) failed = { id, failure }
            return failure === undefined
          },
        )
      } catch (error) {
        failed = { id: tests.keys().next().value ?? 'loading', failure: error }
        reloaded = true
      }
      if (it.hitLimit !== undefined && it.hitCount > it.hitLimit) return { status: 'timeout', reason: 'hit limit' }
      if (failed === undefined) return { status: 'survived', nrOfTests: count }
      const { id, failure } = failed
      return { status: 'killed', killedBy: [id], failureMessage: String(failure?.message ?? failure), nrOfTests: count }
    },
  }
}

/** One line of JSON for each mutant as soon as its fate is known, for a run of hours may be stopped. */
const createLog = () => ({
  onMutantTested: ({ fileName, location, mutatorName, replacement, status, killedBy, static: isStatic }) => {
    const told = { fileName, location, mutatorName, replacement, status, killedBy, static: isStatic }
    appendFileSync(judge.log, `${JSON.stringify(told)}\n`)
  },
})

export const strykerPlugins = [
  { kind: 'Reporter', name: 'lines', factory: Object.assign(createLog, { inject: [] }) },
  { kind: 'TestRunner', name: 'once', factory: Object.assign(createRunner, { inject: [] }) },
]
