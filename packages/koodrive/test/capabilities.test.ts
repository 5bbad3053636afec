// What a drive says of itself, by its settings.
import { secret, type SupportRow } from '@anydrive/core'
import { capabilities } from '../src/capabilities'
import type { KooDriveSettings } from '../src/settings'

const of = (settings: Partial<KooDriveSettings> = {}) =>
  capabilities({ baseUrl: 'http://koo', auth: { kind: 'token', accessToken: secret('t') }, ...settings })

const words = ({ ask, rename, overwrite }: SupportRow): string =>
  [ask, rename, overwrite].map(({ support, basis }) => `${support} (${basis})`).join(', ')
const conflicts = (settings?: Partial<KooDriveSettings>) =>
  Object.fromEntries(Object.entries(of(settings).conflict).map(([operation, row]) => [operation, words(row)]))

const made = 'native (documented), native (documented)'
const detected = 'emulated-detected (inferred)'

test('names in new places are the service’s, the rest is composed', () => {
  expect(conflicts()).toEqual({
    createDir: `${made}, as-ask (inferred)`,
    copyDir: `${made}, as-ask (inferred)`,
    moveDir: 'emulated (inferred), emulated (inferred), as-ask (inferred)',
    moveFile: `emulated (inferred), emulated (inferred), ${detected}`,
    copyFile: `${detected}, ${detected}, ${detected}`,
    writeFile: `${made}, ${detected}`,
    restore: 'emulated-detected (inferred), native (inferred), unsupported (inferred)',
  })
})

test('moves that look first may lose a race unseen', () => {
  const open = 'emulated-open (inferred), emulated-open (inferred)'
  expect(conflicts({ moves: 'listing' })).toEqual({
    ...conflicts(),
    moveDir: `${open}, as-ask (inferred)`,
    moveFile: `${open}, ${detected}`,
  })
})

test('times are kept from when something was made, unless they are left out', () => {
  const directory = { createdAt: 'kept', modifiedAt: 'kept' }
  expect(of().times).toEqual({ directory, file: { createdAt: 'kept', modifiedAt: 'vendor' }, precision: 1000 })
  expect(of({ createdTime: 'omit' }).times).toEqual({
    directory,
    file: { createdAt: 'vendor', modifiedAt: 'vendor' },
    precision: 1000,
  })
})

test('limits and names are those of the documentation', () => {
  const { limits, naming, upload, checksums, consistency } = of()
  expect(limits).toEqual({ page: 100, batch: 1000, fileSize: 214_748_364_800 })
  expect(naming).toEqual({
    maxLength: 80,
    lengthUnit: 'codepoints',
    forbidden: '<>|:"*?/\\',
    reserved: ['.', '..', ...Array.from({ length: 80 }, (_, i) => ' '.repeat(i + 1))],
    maxDepth: 30,
    case: 'unknown',
    normalisation: 'unknown',
  })
  expect(upload).toEqual({
    instant: true,
    resume: 'part',
    parts: 'sequential',
    partSize: { min: 5_242_880, max: 5_368_709_120 },
    maxParts: 10_000,
  })
  expect(checksums).toEqual({ given: [], checked: ['sha256'] })
  expect(consistency).toEqual({ staleness: 10_000 })
})

test('what it can do beside, and what not', () => {
  const { operations, features } = of()
  expect(Object.entries({ ...operations, ...features }).flatMap(([name, can]) => (can ? [name] : []))).toEqual([
    'copyDir',
    'batchMove',
    'batchCopy',
    'batchRemove',
    'usage',
    ...['listTrash', 'restore', 'purge', 'emptyTrash', 'search', 'downloadUrl'],
    'background',
    'trash',
    'copyDirInBatch',
    'ranges',
    'etags',
  ])
  expect(Object.entries(features).flatMap(([name, can]) => (can ? [] : [name]))).toEqual([
    'crossSpaceMove',
    'crossSpaceCopy',
    'sortedList',
    'ifVersion',
  ])
})
