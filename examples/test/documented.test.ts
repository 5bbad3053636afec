// The members of the interfaces that programs use have doc comments: drives, their options, and the settings of the adapters.
import ts from 'typescript'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const packages = join(__dirname, '..', '..', 'packages')

/** By package: the exported types whose members must have a comment. */
const documented = {
  'adapter-template': ['BoxInput', 'BoxSettings'],
  core: [
    'DriveProvider',
    'PromisedDrive',
    'CallOptions',
    'ConflictOptions',
    'Times',
    'WaitOptions',
    'ListOptions',
    'ReadOptions',
    'WriteOptions',
    'RemoveOptions',
    'SpoolOptions',
    'Environment',
    'Page',
    'DirEntry',
    'FileEntry',
    'SizedFile',
    'OtherEntry',
    'Placed',
    'Removed',
    'CopyItem',
    'MoveItem',
    'Usage',
    'FileContent',
    'UploadSource',
    'UploadRef',
    'ByteRange',
  ],
  http: ['HttpSettings'],
  koodrive: ['KooDriveInput', 'KooDriveSettings'],
  local: ['LocalSettings'],
  memory: ['MemorySettings'],
  'tencent-smh': ['TencentSmhInput', 'TencentSmhSettings'],
  webdav: ['WebDavInput', 'WebDavSettings'],
}

const entryOf = (name: string) => join(packages, name, 'src', 'index.ts')
const program = ts.createProgram(readdirSync(packages).map(entryOf), {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  strict: true,
  exactOptionalPropertyTypes: true,
  types: ['node'],
  noEmit: true,
  skipLibCheck: true,
})
const checker = program.getTypeChecker()

const typeOf = (name: string, exported: string): ts.Type | undefined => {
  const source = program.getSourceFile(entryOf(name))
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  const found = module === undefined ? undefined : checker.getExportsOfModule(module).find((s) => s.name === exported)
  if (found === undefined) return undefined
  return checker.getDeclaredTypeOfSymbol(found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found)
}

const isOurs = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some(
    (d) =>
      !d.getSourceFile().fileName.includes('node_modules') && !program.isSourceFileDefaultLibrary(d.getSourceFile()),
  )

/** The paths of members without a comment; objects of settings are followed. */
const undocumented = (type: ts.Type, at: string, nested: boolean, seen = new Set<ts.Type>()): ReadonlyArray<string> => {
  if (seen.has(type)) return []
  seen.add(type)
  if (checker.typeToString(type) === 'Secret') return []
  if (type.isUnion()) return type.types.flatMap((one) => undocumented(one, at, nested, seen))
  return checker.getPropertiesOfType(type).flatMap((member) => {
    if (!isOurs(member) || member.name.startsWith('__@')) return []
    const place = `${at}.${member.name}`
    const bare = member.getDocumentationComment(checker).length === 0 ? [place] : []
    const own = checker.getTypeOfSymbol(member)
    const follow = nested && own.getCallSignatures().length === 0
    return [...bare, ...(follow ? undocumented(own, place, true, seen) : [])]
  })
}

describe.each(Object.entries(documented))('%s', (name, types) => {
  test.each(types)('each member of %s has a doc comment', (exported) => {
    const type = typeOf(name, exported)
    if (type === undefined) throw new Error(`${name} does not export ${exported}`)
    expect(checker.getPropertiesOfType(type).length).toBeGreaterThan(0)
    expect([...new Set(undocumented(type, exported, /Settings$|Input$/.test(exported)))]).toEqual([])
  })
})
