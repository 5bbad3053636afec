// What a drive of SMH can do: a pure function of its settings.
import { defineCapabilities, supportOf } from '@anydrive/core/adapter'
import { bounds, type TencentSmhSettings } from './settings'
import { smhStrategies } from './translate'

const directory = supportOf(smhStrategies.directory, 'documented')
const file = supportOf(smhStrategies.file, 'documented')

export const capabilities = ({
  recycleBin = true,
  history = false,
  changeFeed = false,
  upload = {},
}: TencentSmhSettings) =>
  defineCapabilities({
    operations: {
      ...{ copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
      ...{ listTrash: recycleBin, restore: recycleBin, purge: recycleBin, emptyTrash: recycleBin },
      ...{ search: true, downloadUrl: true, setTimes: true, listVersions: history, restoreVersion: history },
      changes: changeFeed,
    },
    conflict: {
      createDir: directory,
      copyDir: directory,
      moveDir: directory,
      moveFile: file,
      copyFile: file,
      writeFile: file,
      // A directory in place of a taken name is refused, whatever the strategy.
      restore: file,
    },
    naming: {
      maxLength: bounds.name.max,
      lengthUnit: bounds.name.unit,
      forbidden: '\\/:*?"<>|',
      reserved: [],
      case: 'unknown',
      normalisation: 'unknown',
    },
    limits: { page: bounds.page, batch: bounds.batch, fileSize: bounds.partMax * bounds.parts },
    checksums: { given: ['crc64xz'], checked: ['crc64xz'] },
    upload: {
      instant: upload.instant ?? true,
      resume: 'part',
      parts: 'parallel',
      partSize: { min: bounds.partMin, max: bounds.partMax },
      maxParts: bounds.parts,
    },
    times: {
      directory: { createdAt: 'kept', modifiedAt: 'kept' },
      file: { createdAt: 'kept', modifiedAt: 'kept' },
    },
    features: {
      background: true,
      trash: recycleBin,
      copyDirInBatch: true,
      crossSpaceMove: true,
      crossSpaceCopy: true,
      ranges: true,
      sortedList: false,
      etags: true,
      ifVersion: false,
    },
    consistency: { staleness: 0 },
  })
