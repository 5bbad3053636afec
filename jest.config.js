// One run for every package: sources are compiled by ts-jest (transpile only; `tsc -b` checks the types).
const { availableParallelism } = require('node:os')

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.jest.json' }] },
  moduleNameMapper: {
    '^@anydrive/([a-z-]+)$': '<rootDir>/packages/$1/src',
    '^@anydrive/([a-z-]+)/([a-z]+)$': '<rootDir>/packages/$1/src/$2',
  },
  modulePathIgnorePatterns: ['/dist/', '/\\.tsc/'],
  setupFiles: ['<rootDir>/tools/jest-setup.js'],
  setupFilesAfterEnv: ['<rootDir>/tools/jest-equality.js'],
  testTimeout: 900_000,
  // One more than there are processors: some tests wait for a database or a clock.
  maxWorkers: Math.min(8, availableParallelism() + 1),
  testSequencer: '<rootDir>/tools/test-order.js',
  reporters: ['default', '<rootDir>/tools/summary-reporter.js'],
}
