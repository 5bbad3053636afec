// Everything that must hold: types, lint, format, dead code, cycles, packages, tests. Ends with a line of counts.
import { bin, build, output, run } from './setup.mjs'

/** `npm test -- packages/core` runs only the tests there. */
const only = process.argv.slice(2)

const step = async (name, action) => {
  const start = Date.now()
  await action()
  console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
const tool = (name, options) => step(name, () => output(bin(name), options.split(' ')))

/** These take the compiled packages. */
const compiled = async () => {
  await step('tsc', build)
  const { checkPackages } = await import('./packages.mjs')
  await Promise.all([
    tool('eslint', '. --cache --cache-location node_modules/.cache/eslint/ --max-warnings 0'),
    step('packages', checkPackages),
  ])
}
const asWritten = async () => {
  await tool('prettier', '--check . --cache --log-level warn')
  await tool('knip', '--cache --no-progress --no-config-hints')
  await tool(
    'madge',
    '--circular --no-spinner --extensions ts --exclude /(dist|\\.tsc)/ --ts-config tsconfig.base.json packages',
  )
}

if (only.length === 0) await Promise.all([compiled(), asWritten()])
else await build()
run(bin('jest'), only)
