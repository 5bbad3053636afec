// The knobs: everything that the vendor's pages leave open, with what the emulator does unless told otherwise.
import { type NameRules } from './names'

/** What a move, copy or restore does when the name is taken in the destination. */
export type Clash = 'suffix' | 'fail' | 'duplicate'

/** How long a job takes; it is over at the latest `atMostMs` after its creation. */
type JobLife =
  | Readonly<{ kind: 'at-once' }>
  /** The first `polls` looks (detail or list) find it unfinished: the first pending, the others running. */
  | Readonly<{ kind: 'polls'; polls: number; atMostMs: number }>
  /** Pending for a quarter of `delayMs`, then running. */
  | Readonly<{ kind: 'delay'; delayMs: number }>

export type Behaviour = Readonly<{
  /** Type of `code`, in the envelope and in its items. */
  codeType: 'number' | 'string'
  /** Text of `msg` on success: one for all, or the variety that the pages show. */
  successMsg: 'success' | 'varied'
  errorKeys: 'code' | 'error_code'
  /** HTTP status of the vendor's business errors. */
  errorStatus: 400 | 200
  /** Sizes, counts and capacities: as the examples show them, or all of one type. */
  numbers: 'as-documented' | 'string' | 'number'
  /** 401 with a body, 400 with an unlisted code, or the gateway's shape. */
  authFailure: 'unauthorized' | 'bad-request' | 'gateway'
  tokenLifeMs: number
  carrierTokenLifeMs: number
  /** How long a session can be refreshed. */
  sessionLifeMs: number
  refreshRevokesOldToken: boolean
  /** Answers of session creation and carrier refresh: as the examples of the year show them. */
  sessionShape: '2024' | '2025'
  carrierRefreshShape: 'sessionInfo' | 'data'
  signatureWindowMs: number
  /** How far ahead of the server's clock an X-Date may be. */
  signatureSkewMs: number
  checkSignature: boolean
  names: NameRules
  /** Characters: 250; 80 in the edition of 2024. */
  nameLimit: number
  maxDepth: number
  suffixOffsetMinutes: number
  /** renameMode of createDirectory when the request has none. */
  renameModeDefault: 2 | 3
  moveClash: Clash
  copyClash: Clash
  restoreClash: Clash
  folderCopyByJob: boolean
  /** Job 2/202 also takes what is not in the recycle bin. */
  purgeLive: boolean
  /** Move jobs from one space to another. */
  crossSpaceMove: boolean
  /** Trash jobs must give `filePath`. Unset: when strict. */
  requireFilePath: boolean | undefined
  /** The destination of a job may be `root`, the long root id, or a path of ids. */
  jobTargetForms: 'any' | 'id'
  maxJobItems: number
  jobLife: JobLife
  /** Jobs are checked item by item when created, and refused whole. */
  allSync: boolean
  jobRetentionMs: number | undefined
  /** Which of `/{job_id}` and `/jobs/{job_id}` answer. Unset: both, only the documented one when strict. */
  jobDetailUri: 'both' | 'documented' | 'jobs' | undefined
  /** `files/recycle` empties the bin by a job that nobody can look at; else before it answers. */
  recycleByHiddenJob: boolean
  itemStatus: Readonly<{ pending: string; done: string; failed: string }>
  /** Failed items carry `resultCode` and `msg`. */
  itemReasons: boolean
  /** `taskInfos` of a copied folder lists the whole subtree. */
  itemsOfSubtree: boolean
  pageCap: number
  listItems: 'files' | 'data' | 'data.files'
  listCursor: 'nextCursor' | 'nextPageCursor' | 'pageInfo.nextCursor'
  /** What stands for the cursor on the last page. */
  lastCursor: 'absent' | 'empty' | 'null'
  /** `sha256` in details and lists. */
  showSha256: boolean
  /** An upload that is not complete holds its name. */
  pendingHoldsName: boolean
  uploadLifeMs: number
  minPartSize: number
  urlLifeMs: number
  flashUpload: boolean
}>

const defaultBehaviour: Behaviour = {
  codeType: 'number',
  successMsg: 'success',
  errorKeys: 'code',
  errorStatus: 400,
  numbers: 'as-documented',
  authFailure: 'unauthorized',
  tokenLifeMs: 20 * 60_000,
  carrierTokenLifeMs: 1_800_000,
  sessionLifeMs: 12 * 3_600_000,
  refreshRevokesOldToken: true,
  sessionShape: '2025',
  carrierRefreshShape: 'sessionInfo',
  signatureWindowMs: 15 * 60_000,
  signatureSkewMs: 1000,
  checkSignature: true,
  names: { caseSensitive: true, normalise: false, oneNamespace: true },
  nameLimit: 250,
  maxDepth: 30,
  suffixOffsetMinutes: 480,
  renameModeDefault: 2,
  moveClash: 'suffix',
  copyClash: 'suffix',
  restoreClash: 'suffix',
  folderCopyByJob: true,
  purgeLive: true,
  crossSpaceMove: false,
  requireFilePath: undefined,
  jobTargetForms: 'any',
  maxJobItems: 1000,
  jobLife: { kind: 'polls', polls: 1, atMostMs: 5000 },
  allSync: false,
  jobRetentionMs: undefined,
  jobDetailUri: undefined,
  recycleByHiddenJob: false,
  itemStatus: { pending: '0', done: '1', failed: '2' },
  itemReasons: true,
  itemsOfSubtree: false,
  pageCap: 100,
  listItems: 'files',
  listCursor: 'nextCursor',
  lastCursor: 'absent',
  showSha256: false,
  pendingHoldsName: true,
  uploadLifeMs: 24 * 3_600_000,
  minPartSize: 5_242_880,
  urlLifeMs: 3_600_000,
  flashUpload: true,
}

/** The defaults with some knobs turned; throws on a name that is no knob. */
export const toBehaviour = (change: Partial<Behaviour>, from: Behaviour = defaultBehaviour): Behaviour => {
  const unknown = Object.keys(change).filter((key) => !Object.hasOwn(defaultBehaviour, key))
  if (unknown.length > 0) throw new Error(`behaviour: no such knob: ${unknown.join(', ')}`)
  return { ...from, ...change }
}
