// docs/coverage.md says which endpoints are reached: it is what endpoints.json of each adapter says, and that is true.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
const packages = join(root, 'packages')

interface Row {
  readonly endpoint: string
  readonly function?: string
  readonly reaches?: string
  readonly test?: string
  readonly emulator?: string
  readonly source: string
  readonly reason?: string
}
const vendors = ['tencent-smh', 'koodrive']
const rowsOf = (vendor: string): ReadonlyArray<Row> =>
  JSON.parse(readFileSync(join(packages, vendor, 'endpoints.json'), 'utf8')) as ReadonlyArray<Row>
const sourcesIn = (dir: string): string =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(dir, file), 'utf8'))
    .join('\n')

test('the page is what the tables say', () => {
  execFileSync(process.execPath, [join(root, 'tools', 'coverage-table.mjs'), '--check'])
})

test('at least 85 endpoints are reached', () => {
  const reached = vendors.flatMap(rowsOf).filter((row) => row.function !== undefined)
  expect(reached.length).toBeGreaterThanOrEqual(85)
})

describe.each(vendors)('%s', (vendor) => {
  const rows = rowsOf(vendor)
  const api = readFileSync(join(packages, vendor, 'src', 'api.ts'), 'utf8')
  const emulator = sourcesIn(join(packages, 'emulators', 'src', vendor))

  test('each endpoint is named once, and is reached or has a reason', () => {
    const names = rows.map(({ endpoint }) => endpoint)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    const unclear = rows.filter((row) => (row.function === undefined) !== (row.reason !== undefined))
    expect(unclear).toEqual([])
    expect(rows.filter(({ source }) => source !== 'page' && source !== 'sdk')).toEqual([])
  })

  test('each function exists in api.ts, and each function of it is in the table', () => {
    const named = new Set(rows.flatMap((row) => (row.function?.startsWith('(') === false ? [row.function] : [])))
    const written = new Set(
      [...api.matchAll(/^ {4}(\w+): (?:async )?(?:<[^(]*>)?\(/gm)].flatMap(([, name]) =>
        name === undefined ? [] : [name],
      ),
    )
    expect([...named].filter((name) => !written.has(name))).toEqual([])
    expect([...written].filter((name) => !named.has(name))).toEqual([])
  })

  test('each test exists, and is about what the row says', () => {
    const wrong = rows.flatMap(({ endpoint, test: file, reaches = '', emulator: name, ...row }) => {
      if (row.function === undefined) return []
      const path = join(packages, vendor, 'test', file ?? 'none')
      if (!existsSync(path)) return [endpoint]
      const text = readFileSync(path, 'utf8')
      const verbs = reaches.split(/, /).map((verb) => verb.split('.').pop() ?? '')
      return [...verbs, row.function, name ?? '-'].some((word) => text.includes(word)) ? [] : [endpoint]
    })
    expect(wrong).toEqual([])
  })

  test('the emulator has each endpoint that it is said to have', () => {
    const missing = rows.filter(({ emulator: name }) => name !== undefined && !emulator.includes(`'${name}'`))
    expect(missing.map(({ endpoint }) => endpoint)).toEqual([])
  })
})
