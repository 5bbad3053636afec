// Everything that one emulator holds; what the operations work on.
import { type BlobStore } from '../common/blobs'
import { type FaultPlan } from '../common/faults'
import { type Journal } from '../common/journal'
import { type Random } from '../common/random'
import { type Behaviour } from './behaviour'
import { type Population } from './config'
import { type Contents } from './contents'
import { type Job } from './jobs'
import { type Sessions } from './sessions'
import { type Spaces } from './spaces'
import { type Tree } from './tree'
import { type Upload } from './uploads'

export type World = {
  readonly population: Population
  /** May be replaced while the emulator runs; `names` is fixed at the start. */
  behaviour: Behaviour
  readonly strict: boolean
  readonly now: () => number
  readonly random: Random
  readonly journal: Journal
  readonly faults: FaultPlan
  readonly blobs: BlobStore<'sha256'>
  readonly spaces: Spaces
  readonly tree: Tree
  readonly sessions: Sessions
  readonly contents: Contents
  /** By file id. */
  readonly uploads: Map<string, Upload>
  readonly jobs: Map<string, Job>
  /** Those that are pending or running. */
  readonly openJobs: Set<Job>
}
