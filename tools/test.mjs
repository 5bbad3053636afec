// Everything that must hold: types, lint, format, dead code, cycles, packages, tests. Ends with a line of counts.
import { checkPackages } from './packages.mjs'
import { bin, output, run } from './setup.mjs'

/** `npm test -- packages/core` runs only the tests there. */
const only = process.argv.slice(2)

const step = async (name, action) => {
  const start = Date.now()
  await action()
  console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
const tool = (name, options) => step(name, () => output(bin(name), options.split(' ')))

const madge =
  '--circular --no-spinner --extensions ts --exclude /(dist|\\.tsc)/ --ts-config tsconfig.base.json packages'
const checks = [
  () => tool('prettier', '--check . --cache --log-level warn'),
  () => tool('knip', '--cache --no-progress --no-config-hints'),
  () => tool('madge', madge),
  () => step('packages', checkPackages),
]
const oneByOne = async () => {
  for (const check of checks) await check()
}

if (only.length === 0)
  // ESLint takes as long as all others.
  await Promise.all([
    tool('eslint', '. --cache --cache-location node_modules/.cache/eslint/ --max-warnings 0'),
    oneByOne(),
  ])
run(bin('jest'), only)
