// Dialects of conflict: what is sent for a strategy, and what capabilities say of it, come from the same row.
import * as E from 'fp-ts/Either'
import {
  asAsk,
  ConflictStrategy,
  emulated,
  native,
  supportOf,
  unsupportedStrategy,
  vendorValueFor,
  type Row,
  type StrategyMapping,
} from '../src/contract/conflict'

/** A service that takes words, and one that takes numbers and cannot replace a file. */
const named = {
  directory: { ask: native('ask'), rename: native('rename'), overwrite: asAsk('ask') },
  file: { ask: native('ask'), rename: native('rename'), overwrite: native('overwrite') },
} as const satisfies StrategyMapping
const numbered = {
  directory: { ask: native(3), rename: native(2), overwrite: asAsk(3) },
  file: { ask: native(3), rename: native(2), overwrite: emulated('detected') },
} as const satisfies StrategyMapping

const strategies = ['ask', 'rename', 'overwrite'] as const
const words = (row: Row): ReadonlyArray<unknown> => strategies.map((strategy) => vendorValueFor(row, strategy))

test('there are three strategies, and no other', () => {
  for (const strategy of strategies) expect(ConflictStrategy.decode(strategy)).toEqual(E.right(strategy))
  for (const other of ['', 'replace', 'Ask', 2, null, 'toString'])
    expect(E.isLeft(ConflictStrategy.decode(other))).toBe(true)
  expect(ConflictStrategy.name).toBe('ConflictStrategy')
})

test('words are sent for files, and a directory is never overwritten', () => {
  expect(words(named.file)).toEqual(['ask', 'rename', 'overwrite'])
  expect(words(named.directory)).toEqual(['ask', 'rename', 'ask'])
})

test('numbers are sent, and a replacement that the adapter composes sends none', () => {
  expect(words(numbered.file)).toEqual([3, 2, 'emulate'])
  expect(words(numbered.directory)).toEqual([3, 2, 3])
})

test('a strategy without support has no value', () => {
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

test('the type of a value says whether it may be emulated', () => {
  const mode: 2 | 3 = vendorValueFor(numbered.directory, 'overwrite')
  // @ts-expect-error a file may have to be emulated
  const never: 2 | 3 = vendorValueFor(numbered.file, 'overwrite')
  expect([mode, never]).toEqual([3, 'emulate'])
})

test('capabilities derive from the rows that are sent', () => {
  const cell = (support: string) => ({ support, basis: 'documented' })
  expect(supportOf(named.file, 'documented').overwrite).toEqual(cell('native'))
  expect(supportOf(named.directory, 'documented').overwrite).toEqual(cell('as-ask'))
  expect(supportOf(numbered.file, 'documented').overwrite).toEqual(cell('emulated-detected'))
  expect(supportOf(numbered.directory, 'documented').overwrite).toEqual(cell('as-ask'))
})
