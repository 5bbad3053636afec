// The words of messages, of --help and of the pages: standard terms only, none of a private vocabulary.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './blocks'

/** Words to avoid, and what to write instead. */
const avoided: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bcarr(?:y|ies|ied|ying)\b(?! (?:it |one )?out)/i, 'transfer, transferred'],
  [/\b(?:stands?|stood|standing)\b/i, 'exists'],
  [/\b(?:tells?|told|telling)\b/i, 'says, reports, states'],
  [/\b(?:anew|afresh|lest|whence|thereby|moot|respelled|bystanders?|untangled)\b/i, 'a standard word'],
  [/\b(?:left|leaves?|leaving) out\b/i, 'skipped, omitted'],
  [/\blost answers?\b/i, 'lost response'],
  [/\bof (?:its|our|this \w+’s|this \w+'s) own making\b/i, 'created by …'],
  [/\b(?:verdicts?|wish|spots|waves|frontier|tally|clockwork)\b/i, 'a standard term'],
  [/\bgo(?:es|ne)? along\b/i, 'is transferred as well'],
]

const complaints = (text: string): ReadonlyArray<string> =>
  avoided.flatMap(([word, instead]) => {
    const found = word.exec(text)
    return found === null ? [] : [`"${found[0]}" in "${text.trim().slice(0, 120)}": write ${instead}`]
  })

const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
]

test.each(pages)('%s', (page) => {
  const prose = readFileSync(join(root, page), 'utf8')
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .replace(/`[^`\n]*`/g, '``')
  expect(prose.split('\n').flatMap(complaints)).toEqual([])
})

const sourcesOf = (directory: string): ReadonlyArray<string> =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    name.endsWith('.ts') ? [join(directory, name)] : [],
  )

/** The texts of a source that are sentences: string literals and templates of several words. */
const sentencesIn = (file: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    const text =
      ts.isStringLiteralLike(node) && !ts.isLiteralTypeNode(node.parent)
        ? node.text
        : ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
          ? node.text
          : ''
    // Neither the attributes of HTML nor literals of SQL are read by anybody.
    if (/\w \w/.test(text)) found.push(text.replace(/(?:class|id|aria-\w+)="[^"]*"|'[a-z]+'/g, ''))
    node.forEachChild(visit)
  }
  visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true))
  return found
}

/** Packages whose texts reach users; the emulators speak as the vendors do. */
const speaking = readdirSync(join(root, 'packages')).filter((name) => name !== 'emulators')

test.each(speaking)('the messages of %s', (name) => {
  const texts = sourcesOf(`packages/${name}/src`).flatMap((file) =>
    sentencesIn(file).flatMap((text) => complaints(text).map((complaint) => `${file}: ${complaint}`)),
  )
  expect(texts).toEqual([])
})
