// npm test: types, lint and format of what changed, all tests of behavior. npm run test:full: everything that must hold. `--rest`: all of the full run
// that npm test leaves out. Each ends with a line of counts. Arguments (paths, jest's options) run only the tests that they select, those of the full run included.
import { changedFiles } from './changed.mjs'
import fullOnly from './full-only.js'
import { bin, output, run } from './run.mjs'
import { build } from './setup.mjs'

const mode = ['--full', '--rest'].find((flag) => process.argv[2] === flag)
const full = mode !== undefined
const selected = process.argv.slice(full ? 3 : 2)

const step = async (name, action) => {
  const start = Date.now()
  await action()
  console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
const tool = (name, options, files = []) => step(name, () => output(bin(name), [...options.split(' '), ...files]))

/** Every file in the full run; otherwise those that changed and have one of the extensions, or nothing when none has. */
const lintChanged = async (changed, extensions, lint) => {
  const files = full || changed === undefined ? ['.'] : changed.filter((file) => extensions.test(file))
  if (files.length > 0) await lint(files)
}
const eslint = (files) =>
  tool('eslint', '--cache --cache-location node_modules/.cache/eslint/ --max-warnings 0 --no-warn-ignored', files)
const prettier = (files) => tool('prettier', '--check --cache --log-level warn --ignore-unknown', files)

/** The steps that need compiled packages. */
const compiled = async (changed) => {
  await step('tsc', build)
  await Promise.all([
    lintChanged(changed, /\.(ts|js|mjs)$/, eslint),
    full && step('api', () => output(process.execPath, ['tools/api.mjs', '--check'])),
    full && step('packages', async () => (await import('./packages.mjs')).checkPackages()),
  ])
}
/** The steps that read the sources only. */
const asWritten = async (changed) => {
  await lintChanged(changed, /\.(ts|js|mjs|json|md|ya?ml)$/, prettier)
  if (!full) return
  await tool('knip', '--cache --no-progress --no-config-hints')
  await tool(
    'madge',
    '--circular --no-spinner --extensions ts --exclude /(dist|\\.tsc)/ --ts-config tsconfig.base.json packages',
  )
}

if (selected.length > 0) await build()
else {
  const changed = full ? undefined : changedFiles()
  await Promise.all([compiled(changed), asWritten(changed)])
}
const isShort = !full && selected.length === 0
if (isShort) process.env.ANYDRIVE_SAMPLE = '1'
// Chosen by the path alone: with another configuration, such as paths to ignore, ts-jest would compile everything anew.
const leftOut = fullOnly.filter(({ sample }) => sample === undefined).map(({ pattern }) => pattern)
const chosen = isShort ? [`--testPathPatterns=^(?!.*(?:${leftOut.join('|')}))`] : []
// Tables of faults mostly wait: for connections that time out, and for grace periods.
const only =
  mode === '--rest' ? ['--maxWorkers=6', ...fullOnly.map(({ pattern }) => `--testPathPatterns=${pattern}`)] : []
run(bin('jest'), [...chosen, ...only, ...selected])
