// What the drive can do. An operation that is not named here may not be written in `drive.ts`; one that is named must be.
import { asAsk, defineCapabilities, native, supportOf, type StrategyMapping } from '@anydrive/core/adapter'

/** One table: what is sent for a strategy, and what the capabilities say of it. Box refuses to replace a directory. */
export const dialect = {
  directory: { ask: native('fail'), rename: native('number'), overwrite: asAsk('fail') },
  file: { ask: native('fail'), rename: native('number'), overwrite: native('replace') },
} as const satisfies StrategyMapping

const directory = supportOf(dialect.directory, 'documented')
const file = supportOf(dialect.file, 'documented')

export const capabilities = defineCapabilities({
  operations: { batchMove: true, batchRemove: true },
  conflict: { createDir: directory, moveDir: directory, moveFile: file, writeFile: file },
  naming: {
    maxLength: 100,
    lengthUnit: 'codepoints',
    forbidden: '\\|',
    reserved: ['desk'],
    case: 'sensitive',
    normalisation: 'as-is',
  },
  limits: { page: 50, batch: 20, fileSize: 1024 ** 3 },
  checksums: { given: ['sha256'], checked: ['sha256'] },
  times: { directory: { createdAt: 'none', modifiedAt: 'vendor' }, file: { createdAt: 'none', modifiedAt: 'vendor' } },
  features: { ranges: true, sortedList: true, etags: true },
})
