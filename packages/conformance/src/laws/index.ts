// All laws, in the order of the interface.
import type { Law } from '../law'
import { abortLaws } from './aborts'
import { brokenBatchLaws } from './broken-batches'
import { brokenReadLaws } from './broken-reads'
import { brokenWriteLaws } from './broken-writes'
import { capabilityLaws } from './capabilities'
import { changeLaws } from './changes'
import { concurrencyLaws } from './concurrency'
import { batchCopyLaws } from './batch-copy'
import { batchMoveLaws } from './batch-move'
import { batchRemoveLaws } from './batch-remove'
import { sharedBatchLaws } from './batch-shared'
import { copyDirLaws } from './copy-dir'
import { createDirLaws } from './create-dir'
import { fileLaws } from './files'
import { listLaws } from './list'
import { matrixLaws } from './matrix'
import { nameLaws } from './names'
import { readFileLaws } from './read-file'
import { searchLaws } from './search'
import { sharedDriveLaws } from './shared-drive'
import { statLaws } from './stat'
import { taskLaws } from './tasks'
import { trashLaws } from './trash'
import { walkLaws } from './walk'
import { uploadLaws } from './uploads'
import { writeFileLaws } from './write-file'

export const laws: ReadonlyArray<Law> = [
  ...capabilityLaws,
  ...statLaws,
  ...listLaws,
  ...createDirLaws,
  ...matrixLaws,
  ...copyDirLaws,
  ...sharedBatchLaws('batchMove'),
  ...batchMoveLaws,
  ...sharedBatchLaws('batchCopy'),
  ...batchCopyLaws,
  ...batchRemoveLaws,
  ...readFileLaws,
  ...writeFileLaws,
  ...uploadLaws,
  ...concurrencyLaws,
  ...taskLaws,
  ...trashLaws,
  ...searchLaws,
  ...fileLaws,
  ...changeLaws,
  ...nameLaws,
  ...abortLaws,
  ...walkLaws,
  ...brokenReadLaws,
  ...brokenWriteLaws,
  ...brokenBatchLaws,
  ...sharedDriveLaws,
]
