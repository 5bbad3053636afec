// Laws of names: whatever the drive does not refuse comes back as it was given, and what it refuses is refused before.
import { child, fromBytes, nameOf, type Capabilities, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
import { words } from '../words'

const law = (name: string, check: Law['check']): Law => ({
  name,
  operation: 'names',
  promise: '2.1 Paths',
  needs: [],
  check,
})

const hostile: ReadonlyArray<readonly [string, string]> = [
  ['a space within', 'a b'],
  ['two spaces within', 'a  b'],
  ['a leading space', ' a'],
  ['a trailing space', 'a '],
  ['a leading dot', '.hidden'],
  ['a trailing dot', 'a.'],
  ['three dots', '...'],
  ['a quote', "it's"],
  ['double quotes', 'say "hi"'],
  ['a backtick and dollar', '`$HOME`'],
  ['a literal %2F', 'a%2Fb'],
  ['a literal %', '100%'],
  ['a plus', 'a+b'],
  ['a hash', 'a#b'],
  ['a question mark', 'why?'],
  ['an ampersand and equals', 'a&b=c'],
  ['a semicolon and comma', 'a;b,c'],
  ['a colon', 'a:b'],
  ['an asterisk', 'a*b'],
  ['angle brackets', '<a>'],
  ['a pipe', 'a|b'],
  ['a backslash', 'a\\b'],
  ['brackets', '[a]{b}(c)'],
  ['an at sign and tilde', '~a@b'],
  ['a newline', 'a\nb'],
  ['a tab', 'a\tb'],
  ['Chinese', '新建文件夹'],
  ['full-width punctuation', '文件（1）：终稿？'],
  ['an emoji', '🎉 party'],
  ['a joined emoji', '👩‍👩‍👧‍👦'],
  ['a combining character', 'e\u0301'],
  ['a composed character', '\u00e9'],
  ['right-to-left letters', 'שלום'],
  ['a direction mark', 'a\u202eb'],
  ['a zero-width space', 'a\u200bb'],
  ['a reserved word of another system', 'CON'],
  ['no extension but a dot', 'archive.tar.gz'],
  ['a name like a free one', 'a (1)'],
]

const lengthOf = (text: string, unit: Capabilities['naming']['lengthUnit']): number => {
  if (unit === 'bytes') return Buffer.byteLength(text)
  return unit === 'utf16' ? text.length : Array.from(text).length
}

const refused = ({ naming }: Capabilities, name: string): boolean =>
  Array.from(name).some((c) => naming.forbidden.includes(c)) ||
  Array.from(naming.forbiddenFirst ?? '').some((c) => name.startsWith(c)) ||
  Array.from(naming.forbiddenLast ?? '').some((c) => name.endsWith(c)) ||
  naming.reserved.includes(name) ||
  lengthOf(name, naming.lengthUnit) > naming.maxLength

const pathOf = (harness: Harness, name: string): DrivePath => {
  const path = child(harness.root, name)
  if (E.isLeft(path)) throw new Error(path.left.message)
  return path.right
}

const roundTrip = async (harness: Harness, name: string): Promise<void> => {
  const { drive, right, left, same, entriesOf, textOf } = harness
  const path = pathOf(harness, name)
  if (refused(drive.capabilities, name)) {
    await left(drive.writeFile(path, fromBytes('x')), 'InvalidPath', 'LimitExceeded')
    await left(drive.createDir(path), 'InvalidPath', 'LimitExceeded')
    same((await entriesOf(harness.root)).length, 0, 'entries')
    return
  }
  const written = await right(drive.writeFile(path, fromBytes('x')))
  same([written.path, written.name], [path, name], 'the file written')
  same(
    (await entriesOf(harness.root)).map((e) => e.name),
    [name],
    'the name listed',
  )
  same([nameOf((await right(drive.stat(path))).path), await textOf(path)], [name, 'x'], 'the file found')
  await left(drive.createDir(path), 'NameConflict')
}

const asDirectory = async (harness: Harness, name: string): Promise<void> => {
  const { drive, right, same, entriesOf, textOf, tree } = harness
  if (refused(drive.capabilities, name)) harness.notApplicable('the name is refused, which another law checks')
  const dir = await right(drive.createDir(pathOf(harness, name)))
  const inner = child(dir.path, name)
  if (E.isLeft(inner)) return
  await right(drive.writeFile(inner.right, fromBytes('x')))
  same([(await entriesOf(dir.path)).map((e) => e.name), await textOf(inner.right)], [[name], 'x'], 'the file within')
  if (!drive.capabilities.operations.batchMove || !drive.capabilities.operations.batchRemove) return
  const moved = await right(drive.batchMove([{ from: dir.path, to: harness.at('plain') }]))
  same([words(moved), await tree()], [['done'], ['plain/', `plain/${name}`]], 'after a move')
  const removed = await right(drive.batchRemove([harness.at('plain')]))
  same([words(removed), await tree()], [['done'], []], 'after a removal')
}

const longest = (c: Capabilities, unit: string): string => {
  const width = lengthOf(unit, c.naming.lengthUnit)
  const text = unit.repeat(Math.floor(c.naming.maxLength / width))
  return text + 'x'.repeat(c.naming.maxLength - lengthOf(text, c.naming.lengthUnit))
}

export const nameLaws: ReadonlyArray<Law> = [
  ...hostile.flatMap(([what, name]) => [
    law(`a file’s name with ${what} comes back as given, or is refused before`, (harness) => roundTrip(harness, name)),
    law(`a directory’s name with ${what} can be lived in`, (harness) => asDirectory(harness, name)),
  ]),
  ...['a', '长', '😀'].flatMap((unit) => [
    law(`the longest name of ${unit} is taken`, (harness) =>
      roundTrip(harness, longest(harness.drive.capabilities, unit)),
    ),
    law(`one ${unit} more is LimitExceeded`, async (harness) => {
      const path = pathOf(harness, `${longest(harness.drive.capabilities, unit)}${unit}`)
      const error = await harness.left(harness.drive.createDir(path), 'LimitExceeded')
      harness.same([error.limit, await harness.tree()], ['name', []], 'the error and the tree')
    }),
  ]),
  {
    ...law(
      'names that differ only in case are two, or one, as declared',
      async ({ drive, at, right, left, same, tree, makeFile }) => {
        await makeFile('case')
        const { case: rule } = drive.capabilities.naming
        if (rule === 'sensitive') {
          await right(drive.writeFile(at('CASE'), fromBytes('x')))
          same(await tree(), ['CASE', 'case'], 'the tree')
        } else await left(drive.writeFile(at('CASE'), fromBytes('x')), 'NameConflict')
      },
    ),
    notApplicableFor: ({ naming }) => (naming.case === 'unknown' ? 'whether case counts is unknown' : undefined),
  },
  {
    ...law(
      'names that differ only in Unicode form are two, where they are kept as given',
      async ({ drive, at, right, same, tree }) => {
        await right(drive.writeFile(at('e\u0301'), fromBytes('1')))
        await right(drive.writeFile(at('\u00e9'), fromBytes('2')))
        same((await tree()).length, 2, 'entries')
      },
    ),
    notApplicableFor: ({ naming }) =>
      naming.normalisation === 'as-is' ? undefined : `the normalisation of names is ${naming.normalisation}`,
  },
  law('a name of dots within a path is no way out', async ({ drive, left }) => {
    await left(drive.stat('..' as DrivePath), 'InvalidPath', 'NotFound')
    await left(drive.stat('a/../../etc' as DrivePath), 'InvalidPath', 'NotFound')
  }),
]
