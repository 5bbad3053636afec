// Ends the run with one plain line that any CI can read.
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests
    const broken = results.testResults.filter((r) => r.testExecError !== undefined && r.testResults.length === 0).length
    process.stdout.write(
      `${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped\n`,
    )
  }
}
