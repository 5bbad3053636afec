// The version that package.json tells.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const { version: told } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  readonly version: string
}
export const version = told
