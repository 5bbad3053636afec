// The report of each package's public interface, etc/NAME.api.md, made from its declarations: so that a review shows each change of it.
// node tools/api.mjs writes the reports; with --check it fails where one is out of date. The packages must be built.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { publicPackages } from './pack.mjs'
import { root } from './run.mjs'

const printer = ts.createPrinter({ removeComments: true })

/** The entries of a package: what is imported, and the file of its declarations. */
const entriesOf = ({ dir, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, { types }]) => ({ name: join(manifest.name, path), file: join(dir, types) }))

/** Of a variable the whole statement, so that `const` and its type are in the report. */
const statementOf = (declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration)

const printed = (declaration) => {
  const node = statementOf(declaration)
  return printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile())
}

/** The words of each line, sorted: the compiler lists the members of a union in an order that an incremental build changes. */
const unordered = (report) =>
  report
    .split('\n')
    .map((line) => (line.match(/[\w"'?:.]+/g) ?? []).sort().join(' '))
    .sort()
    .join('\n')

const exportsOf = (checker, source) =>
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .slice()
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const renamed = target.name === symbol.name ? [] : [`// exported as ${symbol.name}`]
      return [...renamed, ...new Set((target.declarations ?? []).map(printed))].join('\n')
    })

/** By the path of each report, its text. */
const reports = () => {
  const packages = publicPackages()
  const files = packages.flatMap((one) => entriesOf(one).map(({ file }) => file))
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node16, types: ['node'], skipLibCheck: true }
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  return packages.map((one) => {
    const sections = entriesOf(one).map(({ name, file }) => {
      const body = exportsOf(checker, program.getSourceFile(file)).join('\n\n')
      return `## ${name}\n\n\`\`\`ts\n${body}\n\`\`\`\n`
    })
    const head = `# The public interface of ${one.manifest.name}\n\nWritten by \`npm run api\`.\n\n`
    return [join(root, 'etc', `${basename(one.dir)}.api.md`), head + sections.join('\n')]
  })
}

/** The reports that differ from what the packages declare now. */
const staleReports = () =>
  reports()
    .filter(([file, text]) => !existsSync(file) || unordered(readFileSync(file, 'utf8')) !== unordered(text))
    .map(([file]) => relative(root, file))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const stale = staleReports()
    if (stale.length > 0) {
      console.error(`the public interface has changed: ${stale.join(', ')}; run npm run api, and review the change`)
      process.exit(1)
    }
  } else {
    mkdirSync(join(root, 'etc'), { recursive: true })
    for (const [file, text] of reports()) writeFileSync(file, text)
  }
}
