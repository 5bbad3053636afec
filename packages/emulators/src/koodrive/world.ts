// Everything that one emulator holds; what the operations work on.
import { type BlobStore, type Segment } from '../common/blobs'
import { type FaultPlan } from '../common/faults'
import { type Journal } from '../common/journal'
import { type Random } from '../common/random'
import { type Behaviour } from './behaviour'
import { type Population } from './config'
import { type Contents } from './contents'
import { type Reason } from './errors'
import { type Sessions } from './sessions'
import { type Spaces } from './spaces'
import { type Tree } from './tree'

/** As the wire spells it. */
export type Part = Readonly<{ partNumber: number; partSize: number; partOffset?: number }>

export type Arrived = Readonly<{ blob: Segment; sha256: string }>

export type Upload = {
  readonly fileId: string
  readonly uploadId: string
  readonly objectKey: string
  readonly length: number
  readonly autoRename: number
  readonly sha256?: string
  readonly startedAt: number
  readonly announced: Record<number, Part>
  readonly arrived: Record<number, Arrived>
}

export type JobItem = {
  readonly fileId: string
  readonly filePath?: string
  status: 'pending' | 'done' | 'failed'
  reason?: Reason
  newFileId?: string
  /** To fail on purpose. */
  readonly doomed?: true
}

export type Job = {
  readonly id: string
  readonly userId: string
  readonly taskType: number
  readonly actionType?: number
  readonly sourceId: string
  readonly destinationId: string
  readonly target?: string
  readonly items: Array<JobItem>
  /** Pending, running, finished, cancelled. */
  status: 0 | 1 | 2 | 3
  /** All, some, none. */
  result?: 1 | 2 | 3
  /** No response mentions it. */
  readonly hidden?: true
  /** How often clients asked for it while it was not finished. */
  looks: number
  readonly createdAt: number
  beganAt?: number
  endedAt?: number
}

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
