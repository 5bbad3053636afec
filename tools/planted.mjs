// Planted faults: npm run planted [-- [--unchecked] [ADAPTER [FAULT…]]], as in: npm run planted -- koodrive rename page
// Puts one fault after the other into an adapter and reports which test of the conformance kit notices it. No file is changed.
// FAULT is a part of a fault's name. The adapter without a fault must pass first, unless `--unchecked` is given.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { bin, root } from './run.mjs'
import { build } from './setup.mjs'

const adapters = readdirSync(join(root, 'tools', 'planted')).flatMap((file) => file.match(/^(.+)\.mjs$/)?.[1] ?? [])
const testOf = (adapter, test) => join('packages', adapter, 'test', `${test}.test.ts`)
/** The test files that consist of calls of the kit and nothing else. */
const judgesOf = (adapter) =>
  ['conformance', 'doubt', 'model', 'under-faults'].filter((test) => existsSync(join(root, testOf(adapter, test))))
const scratch = mkdtempSync(join(tmpdir(), 'planted-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** Path of each source that a fault changes → its changed text. A text to be replaced must occur exactly once. */
const plant = (adapter, fault) => {
  const changed = new Map()
  for (const { file = fault.file, from, to } of fault.edits ?? [fault]) {
    const path = join(root, 'packages', adapter, 'src', file)
    const text = changed.get(path) ?? readFileSync(path, 'utf8')
    const times = text.split(from).length - 1
    if (times !== 1) throw new Error(`its text is found ${times} times in ${file}: ${from}`)
    changed.set(
      path,
      text.replace(from, () => to),
    )
  }
  return changed
}

/** Runs one test file, or one law of it, with changed sources. Undefined: it passed. */
const judge = (adapter, test, changed = new Map(), law) => {
  const planted = join(scratch, 'planted.json')
  const caught = join(scratch, 'caught.json')
  rmSync(caught, { force: true })
  writeFileSync(planted, JSON.stringify(Object.fromEntries(changed)))
  const { status, stdout, stderr } = spawnSync(
    bin('jest'),
    [
      ...['--config', 'tools/planted/jest.config.js', '--runInBand'],
      ...(law === undefined ? [] : ['--testNamePattern', law.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')]),
      ...['--runTestsByPath', testOf(adapter, test)],
    ],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: Infinity,
      env: { ...process.env, PLANTED: planted, PLANTED_CAUGHT: caught },
    },
  )
  if (status === 0) return undefined
  try {
    const by = JSON.parse(readFileSync(caught, 'utf8'))
    if (by.test !== undefined) return { file: test, ...by }
  } catch {
    // Nothing was written: the message below says what jest printed.
  }
  throw new Error(`${test}.test.ts ended without a failed test:\n${stdout}${stderr}`)
}

/** Imports and variables that are no longer used do not make a program wrong. */
const unused = new Set([6133, 6192, 6196, 6198])
/** Compiles an adapter with changed sources, without writing anything. A fault that does not compile could be caught for that alone. */
const compilerOf = (adapter) => {
  const path = join(root, 'packages', adapter, 'tsconfig.json')
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config,
    ts.sys,
    join(path, '..'),
  )
  const options = { ...config.options, noEmit: true, composite: false, incremental: false }
  const parsed = new Map()
  return (changed) => {
    const host = ts.createCompilerHost(options)
    const { getSourceFile } = host
    host.getSourceFile = (name, version, ...rest) => {
      const text = changed.get(name)
      if (text !== undefined) return ts.createSourceFile(name, text, version, true)
      if (!parsed.has(name)) parsed.set(name, getSourceFile(name, version, ...rest))
      return parsed.get(name)
    }
    const { fileNames: rootNames, projectReferences } = config
    const program = ts.createProgram({ rootNames, options, host, projectReferences })
    const issues = rootNames
      .map((name) => program.getSourceFile(name))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      .filter(({ code }) => !unused.has(code))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
    if (issues.length > 0) throw new Error(issues.join('\n'))
  }
}

const firstFailure = (adapter, fault, changed) => {
  if (fault.law !== undefined) return judge(adapter, fault.judge, changed, fault.law)
  for (const test of fault.judge === undefined ? judgesOf(adapter) : [fault.judge]) {
    const by = judge(adapter, test, changed)
    if (by !== undefined) return by
  }
  return undefined
}

/** Whether every fault was caught. */
const run = async (adapter, words, isChecked) => {
  const all = (await import(`./planted/${adapter}.mjs`)).faults
  const faults = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  for (const test of isChecked ? judgesOf(adapter) : []) {
    const failed = judge(adapter, test)
    if (failed === undefined) continue
    console.log(`${adapter}: FAILS WITHOUT A FAULT: ${failed.file}: ${failed.test}\n${failed.why}`)
    return false
  }
  const compile = compilerOf(adapter)
  let caught = 0
  for (const fault of faults) {
    const start = Date.now()
    let result
    try {
      const changed = plant(adapter, fault)
      compile(changed)
      const by = firstFailure(adapter, fault, changed)
      if (by !== undefined) caught += 1
      result = by === undefined ? 'NOT CAUGHT' : `caught by ${by.file}: ${by.test}`
      if (by !== undefined && process.env.PLANTED_WHY !== undefined) result += `\n${by.why}`
    } catch (error) {
      result = `CANNOT BE PLANTED: ${error.message}`
    }
    console.log(`${adapter}: ${fault.name}: ${result} (${Math.round((Date.now() - start) / 1000)} s)`)
  }
  console.log(`${adapter}: ${faults.length} planted, ${caught} caught`)
  return caught > 0 && caught === faults.length
}

const given = process.argv.slice(2).filter((word) => word !== '--')
const [adapter, ...words] = given.filter((word) => word !== '--unchecked')
if ((adapter !== undefined && !adapters.includes(adapter)) || words.some((word) => word.startsWith('-'))) {
  console.error(`usage: npm run planted [-- [--unchecked] [${adapters.join('|')} [FAULT…]]]`)
  process.exit(2)
}
await build()
let isEveryOneCaught = true
for (const one of adapter === undefined ? adapters : [adapter])
  isEveryOneCaught = (await run(one, words, !given.includes('--unchecked'))) && isEveryOneCaught
process.exit(isEveryOneCaught ? 0 : 1)
