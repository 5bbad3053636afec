// What a drive of SMH says that it can do, in full, and what of it settings change.
import { requireSettings } from '@anydrive/core/adapter'
import { tencentSmh } from '../src'
import { capabilities } from '../src/capabilities'
import { TencentSmhSettings } from '../src/settings'

const settings = (more: object = {}) =>
  requireSettings(TencentSmhSettings, {
    ...{ baseUrl: 'http://127.0.0.1', libraryId: 'smh', auth: { kind: 'token', accessToken: 't' } },
    ...more,
  })
const cell = (support: string) => ({ support, basis: 'documented' })
const directory = { ask: cell('native'), rename: cell('native'), overwrite: cell('as-ask') }
const file = { ask: cell('native'), rename: cell('native'), overwrite: cell('native') }
const mebibyte = 1024 * 1024

test('by default', () => {
  expect(capabilities(settings())).toStrictEqual({
    contract: '1.0',
    operations: {
      ...{ copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
      ...{ listTrash: true, restore: true, purge: true, emptyTrash: true },
      ...{
        search: true,
        listVersions: false,
        restoreVersion: false,
        downloadUrl: true,
        setTimes: true,
        changes: false,
      },
    },
    conflict: {
      ...{ createDir: directory, copyDir: directory, moveDir: directory },
      ...{ moveFile: file, copyFile: file, writeFile: file, restore: file },
    },
    naming: {
      ...{ maxLength: 255, lengthUnit: 'utf16', forbidden: '\\/:*?"<>|', reserved: [] },
      ...{ case: 'unknown', normalisation: 'unknown' },
    },
    limits: { page: 100, batch: 1000, fileSize: 50_000 * 1024 * mebibyte },
    checksums: { given: ['crc64xz'], checked: ['crc64xz'] },
    upload: {
      ...{ instant: true, resume: 'part', parts: 'parallel', maxParts: 10_000 },
      partSize: { min: mebibyte, max: 5 * 1024 * mebibyte },
    },
    times: {
      directory: { createdAt: 'kept', modifiedAt: 'kept' },
      file: { createdAt: 'kept', modifiedAt: 'kept' },
      precision: 1,
    },
    features: {
      ...{ background: true, trash: true, copyDirInBatch: true, crossSpaceMove: true, crossSpaceCopy: true },
      ...{ ranges: true, sortedList: false, etags: true, ifVersion: false },
    },
    consistency: { staleness: 0 },
  })
})

test('settings may say that there is no bin, and that nothing is uploaded instantly', () => {
  expect(capabilities(settings({ recycleBin: false })).features.trash).toBe(false)
  expect(capabilities(settings({ recycleBin: true })).features.trash).toBe(true)
  expect(capabilities(settings({ recycleBin: false })).operations).toMatchObject({
    ...{ listTrash: false, restore: false, purge: false, emptyTrash: false },
  })
  expect(capabilities(settings({ upload: { instant: false } })).upload.instant).toBe(false)
  expect(capabilities(settings({ upload: { instant: true } })).upload.instant).toBe(true)
  expect(capabilities(settings({ upload: {} })).upload.instant).toBe(true)
})

test('versions are listed where settings say that the library keeps them', () => {
  const { operations } = capabilities(settings({ history: true }))
  expect(operations).toMatchObject({ listVersions: true, restoreVersion: true })
  expect(capabilities(settings({ changeFeed: true })).operations.changes).toBe(true)
})

test('its type', () => {
  expect(tencentSmh.type).toBe('tencent-smh')
})
