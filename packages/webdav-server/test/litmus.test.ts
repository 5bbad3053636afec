// litmus, the WebDAV community's own test program, against every kind of drive.
import { drives } from './drives'
import { room, runProgram, withProgram } from './running'
import { serve } from './serving'

const suites = { basic: 16, copymove: 13, props: 30, locks: 41, http: 4 }

withProgram('litmus', () => {
  test.each(Object.keys(drives))('all 104 tests pass over %s, none with a warning', async (name) => {
    const drive = await drives[name]?.()
    const { url } = await serve(drive === undefined ? {} : { drive })
    const { out } = await runProgram('litmus', ['-k', url], { cwd: room() })
    const passed = [...out.matchAll(/<- summary for `(\w+)': of \d+ tests run: (\d+) passed, (\d+) failed/g)]
    expect(out).not.toMatch(/FAIL|WARNING|skipped/)
    expect(Object.fromEntries(passed.map(([, suite, count]) => [suite, Number(count)]))).toEqual(suites)
  })
})
