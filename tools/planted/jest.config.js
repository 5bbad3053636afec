// The common configuration, with planted faults, which reports the first failure only.
const { join } = require('node:path')
const common = require('../../jest.config.js')

/** @type {import('jest').Config} */
module.exports = {
  ...common,
  rootDir: join(__dirname, '../..'),
  transform: { '^.+\\.ts$': [join(__dirname, 'transform.js'), { tsconfig: '<rootDir>/tsconfig.jest.json' }] },
  reporters: [join(__dirname, 'reporter.js')],
}
