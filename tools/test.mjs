// Everything that must hold: types, lint, format, dead code, cycles, packages, tests. Ends with a line of counts.
import { run, bin } from './setup.mjs'
import { checkPackages } from './packages.mjs'

const only = process.argv.slice(2)
const step = (name, action) => {
  const start = Date.now()
  action()
  console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}

if (only.length === 0) {
  step('eslint', () =>
    run(bin('eslint'), ['.', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0']),
  )
  step('prettier', () =>
    run(bin('prettier'), [
      '--check',
      '.',
      '--cache',
      '--cache-location',
      'node_modules/.cache/prettier',
      '--log-level',
      'warn',
    ]),
  )
  step('knip', () => run(bin('knip'), ['--cache', '--no-progress']))
  step('madge', () =>
    run(bin('madge'), [
      '--circular',
      '--no-spinner',
      '--warning',
      '--extensions',
      'ts',
      '--ts-config',
      'tsconfig.base.json',
      'packages',
    ]),
  )
  step('packages', checkPackages)
}
run(bin('jest'), only)
