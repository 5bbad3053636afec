// Everything that must hold: types, lint, format, dead code, cycles, packages, tests. Ends with a line of counts.
import { run, bin } from './setup.mjs'
import { checkPackages } from './packages.mjs'

/** `npm test -- packages/core` runs only the tests there. */
const only = process.argv.slice(2)

const step = (name, action) => {
  const start = Date.now()
  action()
  console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
const tool = (name, options) => step(name, () => run(bin(name), options.split(' ')))

if (only.length === 0) {
  tool('eslint', '. --cache --cache-location node_modules/.cache/eslint/ --max-warnings 0')
  tool('prettier', '--check . --cache --log-level warn')
  tool('knip', '--cache --no-progress --no-config-hints')
  tool(
    'madge',
    '--circular --no-spinner --extensions ts --exclude /(dist|\\.tsc)/ --ts-config tsconfig.base.json packages',
  )
  step('packages', checkPackages)
}
run(bin('jest'), only)
