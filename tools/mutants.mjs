// Mutation testing of the adapters and of the dialects of conflict: npm run mutants -- koodrive translate.ts upload.ts
// It works on a clone of what is committed, and leaves the report in reports/mutants. One process loads the tests once (mocha), for loading them takes longer than most of them.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './setup.mjs'

const files = {
  'tencent-smh': [
    'translate.ts',
    'provider.ts',
    'tasks.ts',
    'task-state.ts',
    'upload.ts',
    'verdicts.ts',
    'outcomes.ts',
    'faults.ts',
  ],
  koodrive: ['translate.ts', 'provider.ts', 'jobs.ts', 'upload.ts', 'write-file.ts'],
}
const [name = 'koodrive', ...given] = process.argv.slice(2)
if (!(name in files)) {
  console.error(`npm run mutants -- ${Object.keys(files).join('|')} [FILE…]`)
  process.exit(2)
}

/** What is quick first; random programs last a minute each, and are left to `npm test`. */
const left = /^(chaos|model|under-faults|readme)\./
const last = ['lost-answers.test.ts', 'faults.test.ts', 'conformance.test.ts']
const specs = readdirSync(join(root, 'packages', name, 'test'))
  .filter((file) => file.endsWith('.test.ts') && !left.test(file))
  .sort((a, b) => last.indexOf(a) - last.indexOf(b))
  .map((file) => `packages/${name}/test/${file}`)

const mutated = (given.length > 0 ? given : files[name]).map((file) => `packages/${name}/src/${file}`)
const clone = mkdtempSync(join(tmpdir(), 'anydrive-mutants-'))
const run = (command, args, cwd) => {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
  return status === 0
}
try {
  run('git', ['clone', '--quiet', root, clone], root)
  run('npm', ['run', '--silent', 'setup'], clone)
  const settings = {
    testRunner: 'mocha',
    plugins: ['@stryker-mutator/mocha-runner'],
    mochaOptions: { require: ['./packages/http/test/transpile.js', './tools/mutants/jest-ui.js'], spec: specs },
    mutate: [...mutated, 'packages/core/src/conflict.ts'],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: 1,
    inPlace: true,
    timeoutMS: 15_000,
    dryRunTimeoutMinutes: 15,
    reporters: ['json', 'html', 'clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    jsonReporter: { fileName: 'reports/mutants.json' },
    htmlReporter: { fileName: 'reports/mutants.html' },
  }
  writeFileSync(join(clone, 'stryker.config.json'), JSON.stringify(settings))
  if (run('npx', ['stryker', 'run', 'stryker.config.json'], clone)) {
    const to = join(root, 'reports', 'mutants', name)
    mkdirSync(to, { recursive: true })
    cpSync(join(clone, 'reports'), to, { recursive: true })
  }
} finally {
  rmSync(clone, { recursive: true, force: true })
}
