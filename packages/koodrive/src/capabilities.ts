// What a KooDrive drive can do, as a pure function of its settings; the basis of each belief is in docs/wire/koodrive.md.
import {
  asAsk,
  emulated,
  renameMode,
  supportOf,
  type Capabilities,
  type Race,
  type Row,
  type SupportRow,
} from '@anydrive/core'
import { complete, type KooDriveSettings } from './settings'
import { partLimits } from './upload'

const emulatedFile = (race: Race): Row => ({
  ask: emulated(race),
  rename: emulated(race),
  overwrite: emulated('detected'),
})
const emulatedFolder = (race: Race): Row => ({ ask: emulated(race), rename: emulated(race), overwrite: asAsk(3) })

/** Modes 2 and 3 are on the vendor's pages; what we compose of several calls is our conclusion. */
const composed = (row: Row): SupportRow => ({
  ...supportOf(row, 'documented'),
  overwrite: supportOf(row, 'inferred').overwrite,
})

export const capabilities = (given: KooDriveSettings) => {
  const settings = complete(given)
  const moves: Race = settings.moves === 'listing' ? 'open' : 'none'
  const times = { createdAt: 'kept', modifiedAt: 'vendor' } as const
  return {
    operations: { copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
    conflict: {
      createDir: composed(renameMode.directory),
      copyDir: composed(renameMode.directory),
      moveDir: supportOf(emulatedFolder(moves), 'inferred'),
      moveFile: supportOf(emulatedFile(moves), 'inferred'),
      copyFile: supportOf(emulatedFile('detected'), 'inferred'),
      writeFile: composed(renameMode.file),
    },
    naming: {
      maxLength: settings.nameLimit,
      lengthUnit: 'codepoints',
      forbidden: '<>|:"*?/\\',
      reserved: ['.', '..'],
      maxDepth: 30,
      case: 'unknown',
      normalisation: 'unknown',
    },
    limits: { page: 100, batch: settings.jobItems, fileSize: 200 * 1024 ** 3 },
    checksums: { given: [], checked: ['sha256'] },
    upload: {
      instant: true,
      resume: 'part',
      parts: 'sequential',
      partSize: { min: partLimits.min, max: partLimits.max },
      maxParts: partLimits.count,
    },
    times: { directory: times, file: { ...times, createdAt: settings.createdTime === 'omit' ? 'vendor' : 'kept' } },
    features: {
      background: true,
      trash: true,
      copyDirInBatch: true,
      crossSpaceMove: false,
      crossSpaceCopy: false,
      ranges: true,
      sortedList: false,
      versions: true,
      ifVersion: false,
    },
    consistency: { staleness: settings.idTrust },
  } as const satisfies Capabilities
}
