// Dialects of conflict: what is sent for a strategy, and what capabilities say of it, come from the same row.
import * as E from 'fp-ts/Either'
import {
  asAsk,
  ConflictStrategy,
  emulated,
  native,
  renameMode,
  strategyWords,
  supportOf,
  unsupportedStrategy,
  vendorValueFor,
  type Row,
} from '../src/contract/conflict'

const strategies = ['ask', 'rename', 'overwrite'] as const
const words = (row: Row): ReadonlyArray<unknown> => strategies.map((strategy) => vendorValueFor(row, strategy))

test('there are three strategies, and no other', () => {
  for (const strategy of strategies) expect(ConflictStrategy.decode(strategy)).toEqual(E.right(strategy))
  for (const other of ['', 'replace', 'Ask', 2, null, 'toString'])
    expect(E.isLeft(ConflictStrategy.decode(other))).toBe(true)
  expect(ConflictStrategy.name).toBe('ConflictStrategy')
})

test('words are sent for files, and a directory is never overwritten', () => {
  expect(words(strategyWords.file)).toEqual(['ask', 'rename', 'overwrite'])
  expect(words(strategyWords.directory)).toEqual(['ask', 'rename', 'ask'])
})

test('renameMode 3 refuses, 2 renames, and overwriting a file is composed', () => {
  expect(words(renameMode.file)).toEqual([3, 2, 'emulate'])
  expect(words(renameMode.directory)).toEqual([3, 2, 3])
})

test('a strategy that nobody carries out has no word', () => {
  expect(words({ ask: native(undefined), rename: emulated('none'), overwrite: unsupportedStrategy })).toEqual([
    ...[undefined, 'emulate', 'emulate'],
  ])
})

test.each([
  [native('x'), 'native'],
  [asAsk('x'), 'as-ask'],
  [emulated('none'), 'emulated'],
  [emulated('detected'), 'emulated-detected'],
  [emulated('open'), 'emulated-open'],
  [unsupportedStrategy, 'unsupported'],
])('%j is told as %s, in its own place, with its basis', (handling, support) => {
  const other = handling.by === 'vendor' ? emulated('open') : native('y')
  const otherwise = { support: handling.by === 'vendor' ? 'emulated-open' : 'native', basis: 'probed' }
  for (const strategy of strategies) {
    const row = { ask: other, rename: other, overwrite: other, [strategy]: handling }
    const told = { ask: otherwise, rename: otherwise, overwrite: otherwise, [strategy]: { support, basis: 'probed' } }
    expect(supportOf(row, 'probed')).toEqual(told)
  }
})

test('what the vendors’ capabilities say', () => {
  const cell = (support: string) => ({ support, basis: 'documented' })
  expect(supportOf(strategyWords.file, 'documented').overwrite).toEqual(cell('native'))
  expect(supportOf(strategyWords.directory, 'documented').overwrite).toEqual(cell('as-ask'))
  expect(supportOf(renameMode.file, 'documented').overwrite).toEqual(cell('emulated-detected'))
  expect(supportOf(renameMode.directory, 'documented').overwrite).toEqual(cell('as-ask'))
})
