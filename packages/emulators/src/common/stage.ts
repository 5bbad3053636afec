// What stands ready before a vendor's model plays: clock, chance, faults, log, journal, bytes, a directory for files.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBlobs, type BlobStore, type Digest } from './blobs'
import { type EmulatorOptions } from './emulator'
import { makeFaults, type FaultPlan } from './faults'
import { openJournal, type Journal } from './journal'
import { mixSeed, seededRandom, type Random } from './random'
import { makeRequestLog, type RequestLog, type RequestRecord } from './requests'

export interface Stage<D extends Digest> {
  readonly now: () => number
  readonly strict: boolean
  /** For ids, tokens, suffixes. Faults have their own. */
  readonly random: Random
  readonly faults: FaultPlan
  readonly requests: RequestLog & { readonly add: (record: RequestRecord) => void }
  readonly journal: Journal
  readonly blobs: BlobStore<D>
  /** For certificates and the like: the `dataDir`, or a temporary one. */
  readonly directory: string
  /** Makes all changes so far lasting. The server calls it before each answer. */
  readonly commit: () => void
  /** Closes the journal and removes the temporary directory. */
  readonly close: () => void
}

/** `vendor` names the data; `digests` are those that the vendor shows. */
export const openStage = <D extends Digest>(
  vendor: string,
  options: EmulatorOptions,
  digests: ReadonlyArray<D>,
): Stage<D> => {
  const { dataDir, seed = 1 } = options
  const faults = makeFaults({ ...options, seed })
  const journal = openJournal(dataDir, vendor)
  const random = seededRandom(mixSeed(vendor, seed, journal.starts))
  const blobIds = seededRandom(mixSeed(vendor, 'blobs', seed, journal.starts))
  const directory = dataDir ?? mkdtempSync(join(tmpdir(), `anydrive-emulator-${process.pid}-`))
  const blobs = makeBlobs({
    directory: join(directory, 'blobs'),
    keep: dataDir !== undefined,
    digests,
    newId: () => blobIds.hex(32),
  })
  let open = true
  return {
    now: options.now ?? Date.now,
    strict: options.strict ?? false,
    random,
    faults,
    requests: makeRequestLog(),
    journal,
    blobs,
    directory,
    commit: () => {
      journal.commit()
      blobs.collect()
    },
    close: () => {
      if (!open) return
      open = false
      journal.close()
      if (dataDir === undefined) rmSync(directory, { recursive: true, force: true })
    },
  }
}
