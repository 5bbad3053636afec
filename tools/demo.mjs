// The main job: sets up whatever is missing, then runs the demo.
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { build } from './setup.mjs'

await build()

run(process.execPath, [join(root, 'examples', 'dist', 'demo.js'), ...process.argv.slice(2)], { cwd: process.cwd() })
