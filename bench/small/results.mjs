import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Puts them into `bench/results/latest.json`, beside those of other benchmarks. */
export const keepResults = (name, results) => {
  const dir = fileURLToPath(new URL('../results', import.meta.url))
  const file = `${dir}/latest.json`
  mkdirSync(dir, { recursive: true })
  const others = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  writeFileSync(file, `${JSON.stringify({ ...others, [name]: results }, null, 2)}\n`)
}
