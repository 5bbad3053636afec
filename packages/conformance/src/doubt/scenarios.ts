// The calls that the table of faults is run on.
import { patternBytes } from '../words'
import { optionalScenarios } from './optional'
import {
  abandon,
  copyDir,
  createDir,
  newText,
  oldText,
  remove,
  transfer,
  write,
  type Before,
  type Scenario,
} from './scenario'

const takenByDirectory: Before = { t: undefined, 't/kept': 'kept within' }
const takenByFile: Before = { t: 'in the way' }
const source: Before = { s: undefined, 's/one': 'first file', 's/sub': undefined, 's/sub/two': 'second file' }

const ofTransfers = (operation: 'batchMove' | 'batchCopy'): ReadonlyArray<Scenario> => [
  transfer(operation, 'ask', 'a file, name free', { f: 'moving' }, [['f', 't']], 'whole'),
  transfer(operation, 'ask', 'a directory, name free', source, [['s', 't']], 'main'),
  transfer(operation, 'ask', 'a file into another directory', { f: 'moving', d: undefined }, [['f', 'd/t']], 'short'),
  transfer(
    operation,
    'ask',
    'several items',
    { a: 'first', b: 'second', ...source },
    [
      ['a', 'x'],
      ['b', 'y'],
      ['s/one', 'z'],
    ],
    'short',
  ),
  transfer(
    operation,
    'ask',
    'several items of which one fails',
    { a: 'first', b: 'second', ...takenByFile },
    [
      ['a', 'x'],
      ['b', 't'],
    ],
    'short',
  ),
  transfer(operation, 'ask', 'source missing, target existing', takenByFile, [['nothing', 't']], 'short'),
  transfer(
    operation,
    'ask',
    'name taken by a file of the same size',
    { f: newText, t: oldText },
    [['f', 't']],
    'short',
  ),
  transfer(operation, 'ask', 'name taken by a directory', { ...source, ...takenByDirectory }, [['s', 't']], 'short'),
  transfer(operation, 'rename', 'a file, name free', { f: 'moving' }, [['f', 't']], 'short'),
  transfer(operation, 'rename', 'a file, name taken', { f: newText, t: oldText }, [['f', 't']], 'main'),
  transfer(
    operation,
    'overwrite',
    'a file over a file of the same size',
    { f: newText, t: oldText },
    [['f', 't']],
    'main',
  ),
]

/** `multipartSize`: of a file that is sent in parts, where that is known. */
export const scenarios = (multipartSize: number | undefined): ReadonlyArray<Scenario> => [
  createDir('ask', 'name free', {}, 'whole'),
  createDir('ask', 'name taken by a directory with content', takenByDirectory, 'short'),
  createDir('ask', 'name taken by a file', takenByFile, 'short'),
  createDir('rename', 'name free', {}, 'short'),
  createDir('rename', 'name taken by a directory with content', takenByDirectory, 'main'),
  copyDir('ask', 'name free', source, 'whole'),
  copyDir('ask', 'name taken by a directory with content', { ...source, ...takenByDirectory }, 'short'),
  copyDir('ask', 'name taken by an empty directory', { ...source, t: undefined }, 'short'),
  copyDir('ask', 'name taken by a file', { ...source, ...takenByFile }, 'short'),
  copyDir('ask', 'source missing, target existing', takenByDirectory, 'short'),
  copyDir('rename', 'name free', source, 'short'),
  copyDir('rename', 'name taken by a directory with content', { ...source, ...takenByDirectory }, 'main'),
  ...ofTransfers('batchMove'),
  transfer('batchMove', 'rename', 'a directory, name taken', { ...source, ...takenByDirectory }, [['s', 't']], 'short'),
  ...ofTransfers('batchCopy'),
  remove('a file', { f: 'text' }, ['f'], 'whole'),
  remove('a directory with content', source, ['s'], 'short'),
  remove('several items, one of them missing', { a: 'first', b: 'second' }, ['a', 'nothing', 'b'], 'short'),
  ...optionalScenarios,
  write('ask', 'name free', {}, newText, 'whole'),
  write('ask', 'name taken by a file of the same size', { t: oldText }, newText, 'short'),
  write('ask', 'name taken by a directory', takenByDirectory, newText, 'short'),
  write('rename', 'name free', {}, newText, 'short'),
  write('rename', 'name taken by a file of the same size', { t: oldText }, newText, 'main'),
  write('overwrite', 'name free', {}, newText, 'short'),
  write('overwrite', 'a file of the same size', { t: oldText }, newText, 'main'),
  abandon('ask', {}),
  abandon('overwrite', { t: oldText }),
  ...(multipartSize === undefined
    ? []
    : [
        write('ask', 'in parts', {}, patternBytes(multipartSize), 'short'),
        write(
          'overwrite',
          'in parts over a file of the same size',
          { t: new Uint8Array(multipartSize) },
          patternBytes(multipartSize),
          'short',
        ),
      ]),
]
