// Jest's words over mocha: one process loads the tests once and runs them for mutant after mutant.
const { format } = require('node:util')
const Mocha = require('mocha')
const { expect } = require('expect')

const each = (register) => (table) => (name, body, timeout) => {
  table.forEach((row, i) => {
    const values = Array.isArray(row) ? row : [row]
    register(`${i}: ${format(name.replace(/%[p#]/g, '%j'), ...values)}`, () => body(...values), timeout)
  })
}

const { bdd } = Mocha.interfaces
Mocha.interfaces.bdd = (suite) => {
  bdd(suite)
  suite.on('pre-require', (context) => {
    const { it, describe: describeIt, before, after } = context
    const test = (name, body, timeout) => {
      const made = it(name, () => body())
      if (timeout !== undefined) made.timeout(timeout)
    }
    test.each = each(test)
    const describe = (name, body) =>
      describeIt(name, () => {
        body()
      })
    describe.each = each(describe)
    Object.assign(context, { test, describe, expect, beforeAll: before, afterAll: after })
  })
}
