// The settings of a local drive, and the capabilities that follow from the platform.
import * as t from 'io-ts'
import { asAsk, defineCapabilities, native, supportOf, type StrategyMapping } from '@anydrive/core/adapter'
import { Integer, NonEmpty } from '@anydrive/kit'
import { longestName } from './errors'

export const LocalSettings = t.exact(
  t.intersection([
    t.type({
      /** A directory that exists; a relative path is taken from the working directory when the drive is opened. */
      root: NonEmpty('a path'),
    }),
    t.partial({
      /** Whether each change reaches the disk before its call ends, so that it survives a power cut; true unless given. */
      fsync: t.boolean,
      /** How precise the times of the file system are, in milliseconds: 1 unless given, 2000 for FAT. */
      timePrecision: Integer('milliseconds', 1),
    }),
  ]),
  'LocalSettings',
)
export type LocalSettings = t.TypeOf<typeof LocalSettings>

/** `refuse` a taken name, `number` until one is free, `replace` a file. */
export const dialect = {
  directory: { ask: native('refuse'), rename: native('number'), overwrite: asAsk('refuse') },
  file: { ask: native('refuse'), rename: native('number'), overwrite: native('replace') },
} as const satisfies StrategyMapping<'refuse' | 'number' | 'replace'>

const directories = supportOf(dialect.directory, 'probed')
const files = supportOf(dialect.file, 'probed')
const windows = process.platform === 'win32'

export const capabilities = ({ timePrecision = 1 }: Pick<LocalSettings, 'timePrecision'>) =>
  defineCapabilities({
    operations: { copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true, setTimes: true },
    conflict: {
      createDir: directories,
      copyDir: directories,
      moveDir: directories,
      moveFile: files,
      copyFile: files,
      writeFile: files,
    },
    naming: {
      maxLength: longestName,
      lengthUnit: windows ? 'utf16' : 'bytes',
      forbidden: windows ? '\0/\\:*?"<>|' : '\0/',
      reserved: [],
      case: process.platform === 'linux' ? 'sensitive' : 'unknown',
      normalisation: process.platform === 'darwin' ? 'unknown' : 'as-is',
    },
    limits: { page: 1000, batch: 1000 },
    checksums: { given: [], checked: [] },
    upload: { instant: false, resume: 'restart', parts: 'none' },
    times: {
      directory: { createdAt: 'vendor', modifiedAt: 'vendor' },
      file: { createdAt: 'vendor', modifiedAt: 'kept' },
      precision: timePrecision,
    },
    features: {
      background: false,
      trash: false,
      copyDirInBatch: true,
      crossSpaceMove: false,
      crossSpaceCopy: false,
      ranges: true,
      sortedList: true,
      etags: true,
      ifVersion: true,
    },
    consistency: { staleness: 0 },
  })
