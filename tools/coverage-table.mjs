// docs/coverage.md: which endpoints that the vendors document are reached, from the table beside each adapter, endpoints.json.
// node tools/coverage-table.mjs writes it; with --check it fails where it is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { root } from './run.mjs'

const vendors = [
  ['Tencent SMH', 'tencent-smh', 'Below `https://{libraryId}.api.tencentsmh.cn/api/v1`.'],
  ['Huawei KooDrive', 'koodrive', 'Below `https://…myhuaweicloud-koodrive.com/koodrive/ose`.'],
]

const tableOf = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'endpoints.json'), 'utf8'))
const isReached = (row) => row.function !== undefined
const code = (text) => (text === undefined ? '–' : `\`${text}\``)
const escaped = (text) => text.replaceAll('|', '\\|')

const rowOf = ({ endpoint, does, reaches, test, emulator, source, reason, ...row }) =>
  [
    code(endpoint),
    does,
    code(row.function),
    reason === undefined ? reaches : `not reached: ${reason}`,
    code(test),
    code(emulator),
    source === 'page' ? 'documented' : 'SDK',
  ]
    .map(escaped)
    .join(' | ')

const sectionsOf = (rows) => [...new Set(rows.map(({ section }) => section))]

const vendorPart = ([title, name, base]) => {
  const rows = tableOf(name)
  const parts = sectionsOf(rows).map((section) => {
    const lines = rows.filter((row) => row.section === section).map((row) => `| ${rowOf(row)} |`)
    const head = '| endpoint | what it does | function | reached by | test | emulator | source |'
    return `### ${title}: ${section.toLowerCase()}\n\n${head}\n| - | - | - | - | - | - | - |\n${lines.join('\n')}\n`
  })
  return `## ${title}: ${rows.filter(isReached).length} of ${rows.length}\n\n${base}\n\n${parts.join('\n')}`
}

const text = () => {
  const all = vendors.flatMap(([, name]) => tableOf(name))
  return `# Coverage: endpoints of the vendors

Of the ${all.length} endpoints that [docs/wire](wire/README.md) lists, the adapters reach ${all.filter(isReached).length}. Each of the others has its reason.

\`function\` is the one in the adapter's \`api.ts\`, or where else the request is sent; \`reached by\`, the verbs and members of the drive; \`test\`, a file of the package's tests, beside
the laws of the conformance kit; \`emulator\`, the name of the endpoint in the emulator's log. \`source\`: a page of the vendor, or the code of one of its SDKs.

Made by \`npm run coverage-table\` from \`packages/*/endpoints.json\`.

${vendors.map(vendorPart).join('\n')}`
}

const file = join(root, 'docs', 'coverage.md')
const coverageTable = async () =>
  prettier.format(text(), { ...(await prettier.resolveConfig(file)), parser: 'markdown' })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = await coverageTable()
  if (!process.argv.includes('--check')) writeFileSync(file, table)
  else if (readFileSync(file, 'utf8') !== table) {
    console.error('docs/coverage.md is out of date: npm run coverage-table')
    process.exitCode = 1
  }
}
