// What a KooDrive drive can do, as a pure function of its settings. docs/wire/koodrive.md says what each statement rests on.
import type { SupportRow } from '@anydrive/core'
import {
  asAsk,
  defineCapabilities,
  emulated,
  native,
  supportOf,
  unsupportedStrategy,
  type Race,
  type Row,
} from '@anydrive/core/adapter'
import { complete, type KooDriveSettings } from './settings'
import { renameMode } from './translate'
import { partLimits } from './write-multipart'

const emulatedFile = (race: Race): Row => ({
  ask: emulated(race),
  rename: emulated(race),
  overwrite: emulated('detected'),
})
const emulatedFolder = (race: Race): Row => ({ ask: emulated(race), rename: emulated(race), overwrite: asAsk(3) })

/** Modes 2 and 3 are documented; what this package composes of several calls is inferred. */
const composed = (row: Row): SupportRow => ({
  ...supportOf(row, 'documented'),
  overwrite: supportOf(row, 'inferred').overwrite,
})

/** A restored entry gets a timestamp where its name is taken, as the user guide says; a restoring job replaces nothing. */
const restoring = supportOf(
  { ask: emulated('detected'), rename: native('job'), overwrite: unsupportedStrategy },
  'inferred',
)

/** Names of blanks only: the documents forbid the name of one. */
const blankNames = (limit: number): ReadonlyArray<string> => Array.from({ length: limit }, (_, i) => ' '.repeat(i + 1))

export const capabilities = (given: KooDriveSettings) => {
  const settings = complete(given)
  const moves: Race = settings.moves === 'listing' ? 'open' : 'none'
  return defineCapabilities({
    operations: {
      ...{ copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
      ...{ listTrash: true, restore: true, purge: true, emptyTrash: true, search: true, downloadUrl: true },
    },
    conflict: {
      createDir: composed(renameMode.directory),
      copyDir: composed(renameMode.directory),
      moveDir: supportOf(emulatedFolder(moves), 'inferred'),
      moveFile: supportOf(emulatedFile(moves), 'inferred'),
      copyFile: supportOf(emulatedFile('detected'), 'inferred'),
      writeFile: composed(renameMode.file),
      restore: restoring,
    },
    naming: {
      maxLength: settings.nameLimit,
      lengthUnit: 'codepoints',
      forbidden: '<>|:"*?/\\',
      reserved: ['.', '..', ...blankNames(settings.nameLimit)],
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
    times: {
      directory: { createdAt: 'kept', modifiedAt: 'kept' },
      file: { createdAt: settings.createdTime === 'omit' ? 'vendor' : 'kept', modifiedAt: 'vendor' },
      // The documented format of a file's `createdTime` has no fraction of a second.
      precision: 1000,
    },
    features: {
      background: true,
      trash: true,
      copyDirInBatch: true,
      crossSpaceMove: false,
      crossSpaceCopy: false,
      ranges: true,
      sortedList: false,
      etags: true,
      ifVersion: false,
    },
    consistency: { staleness: settings.idTrust },
  })
}
