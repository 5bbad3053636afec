// Writes down the first failed test and ends the run there.
const { writeFileSync } = require('node:fs')

const report = (caught) => {
  writeFileSync(process.env.PLANTED_CAUGHT, JSON.stringify(caught))
  process.exit(1)
}

module.exports = class FirstFailure {
  onTestCaseResult(_, { status, ancestorTitles, title, failureMessages }) {
    if (status === 'failed') report({ test: [...ancestorTitles, title].join(' '), why: failureMessages[0] ?? '' })
  }
}
