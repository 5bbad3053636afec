// Mutation testing: npm run mutants [-- core|tencent-smh|koodrive [FILE…]], as in: npm run mutants -- koodrive translate jobs
// It works on a copy. The result of each mutant goes to reports/mutants/NAME.jsonl at once, and the table at the end to NAME.md.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'
import { build } from './setup.mjs'

await build()
const { Stryker } = await import('@stryker-mutator/core')

const sources = {
  core: ['contract/conflict'],
  'tencent-smh': [
    ...['translate', 'errors', 'entries', 'outcomes', 'transfer', 'remove', 'tasks', 'drive'],
    ...['upload', 'bytes', 'write', 'write-multipart'],
  ],
  koodrive: ['translate', 'errors', 'drive', 'tasks', 'changes', 'write', 'write-multipart', 'capabilities'],
}
/** What starts no server comes first. */
const quick = {
  core: ['conflict'],
  'tencent-smh': [
    ...[
      'translate',
      'errors',
      'wire',
      'capabilities',
      'requests',
      'batch-results',
      'tasks',
      'proofs',
      'single',
      'parts',
    ],
  ],
  koodrive: ['capabilities', 'translate', 'jobs', 'ids', 'wire'],
}
/** What takes long comes last, and only sees what all others let through. */
const slow = ['conformance', 'lost-responses', 'chaos', 'faults', 'under-faults', 'model', 'doubt']
/** Random programs and tables of faults take minutes: they judge only where `MUTANTS_WITHOUT` does not name them. */
const asked = process.env.MUTANTS_WITHOUT ?? 'chaos faults under-faults model doubt lost-responses'

const testsOf = (name) => {
  const leftOut = asked.split(' ').filter((word) => !quick[name].includes(word))
  const rank = (test) => (quick[name].includes(test) ? -1 : slow.indexOf(test) + 1)
  return readdirSync(join(root, 'packages', name, 'test'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replace('.test.ts', ''))
    .filter((test) => test !== 'readme' && !leftOut.includes(test))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((test) => `packages/${name}/test/${test}.test.ts`)
}

const reports = join(root, 'reports', 'mutants')

const run = (name, files) => {
  const log = join(reports, `${name}.jsonl`)
  mkdirSync(reports, { recursive: true })
  rmSync(log, { force: true })
  // Times without a zone are not to be read as the machine's own.
  process.env.TZ = 'Asia/Shanghai'
  process.env.ANYDRIVE_JUDGE = JSON.stringify({
    files: testsOf(name),
    reload: name === 'core' ? 'packages/' : `packages/${name}/`,
    log,
  })
  return new Stryker({
    mutate: files.map((file) => `packages/${name}/src/${file}.ts`),
    testRunner: 'once',
    plugins: [join(root, 'tools', 'mutants', 'runner.mjs')],
    coverageAnalysis: 'perTest',
    // What has not changed since is not repeated.
    incremental: true,
    incrementalFile: join(reports, `${name}.json`),
    reporters: ['lines'],
    allowConsoleColors: false,
    disableTypeChecks: true,
    concurrency: Number(process.env.MUTANTS_AT_ONCE ?? 1),
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 15,
    warnings: { slow: false },
    ignorePatterns: ['dist', '.tsc', 'coverage', 'reports', 'bench', 'examples'],
  }).runMutationTest()
}

const isKilled = ({ status }) => status === 'Killed' || status === 'Timeout'
const row = (file, results) => {
  const killed = results.filter(isKilled).length
  const score = results.length === 0 ? '' : ((100 * killed) / results.length).toFixed(1)
  return `| ${file} | ${results.length} | ${killed} | ${results.length - killed} | ${score} |`
}
const told = ({ fileName, location, mutatorName, replacement, status }) =>
  `${status} ${fileName.slice(root.length)}:${location.start.line} ${mutatorName}: ${replacement}`

const [only, ...files] = process.argv.slice(2)
if (only !== undefined && !(only in sources)) {
  console.error(`npm run mutants [-- ${Object.keys(sources).join('|')} [FILE…]]`)
  process.exit(2)
}
for (const name of only === undefined ? Object.keys(sources) : [only]) {
  const chosen = files.length > 0 ? files.map((file) => file.replace(/\.ts$/, '')) : sources[name]
  const results = (await run(name, chosen)).filter(({ status }) => status !== 'Ignored')
  const of = (file) => results.filter(({ fileName }) => fileName.endsWith(`/src/${file}.ts`))
  const table = ['| file | mutants | killed | survived | % |', '| --- | --: | --: | --: | --: |']
  table.push(...chosen.map((file) => row(`${name}/${file}.ts`, of(file))), row(name, results))
  const text = [...table, '', ...results.filter((result) => !isKilled(result)).map(told), ''].join('\n')
  writeFileSync(join(reports, `${name}.md`), text)
  console.log(text)
}
