// The migration of 2,000 files killed at 100 random moments, in both directions; takes some ten minutes.
import { bin, run } from './run.mjs'
import { build } from './setup.mjs'

await build()

const [files = '2000', kills = '100'] = process.argv.slice(2)
run(bin('jest'), ['packages/cli/test/journal.test.ts', '-t', 'nothing is lost'], {
  env: { ...process.env, TORTURE_FILES: files, TORTURE_KILLS: kills },
})
