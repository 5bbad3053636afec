// Begins with the test files that take longest, so that no process ends with one of them while the others have nothing left to do.
const { statSync } = require('node:fs')

/** Short files that run much; of all others the size tells best. */
const long = /\/(conformance(-\w+)?|outcomes|process|journal|damage|docs|bundle)\.test\.ts$/
const weight = ({ path }) => (long.test(path) ? 1e6 : 0) + statSync(path).size

module.exports = class TestOrder {
  sort(tests) {
    const weights = new Map(tests.map((test) => [test, weight(test)]))
    return [...tests].sort((a, b) => weights.get(b) - weights.get(a))
  }
  allFailedTests(tests) {
    return tests
  }
  cacheResults() {}
}
