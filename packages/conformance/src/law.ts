// What a law is, what it is checked on, and what becomes of it: data.
import type {
  Basis,
  Capabilities,
  DriveError,
  DrivePath,
  DriveProvider,
  Entry,
  FaultTag,
  Feature,
  Operation,
  Result,
} from '@anydrive/core'
import type { TestHooks } from './hooks'

export interface Subject {
  readonly capabilities: Capabilities
  /** A new provider object on the same drive at each call; called when laws run, so a port known since `beforeAll` is fine. */
  readonly open: () => DriveProvider | Promise<DriveProvider>
  /** An existing directory to work in; each law gets a folder of its own below. The root unless given. */
  readonly root?: DrivePath | undefined
  /** What the test server can do beside serving; laws that need a part that is missing do not apply. */
  readonly hooks?: TestHooks | undefined
}

/** What a law is written with. Whatever does not hold throws a `Violation`, which becomes the result. */
export interface Harness {
  readonly drive: DriveProvider
  /** The law's own folder. */
  readonly root: DrivePath
  /** Another provider object on the same drive. */
  readonly again: () => Promise<DriveProvider>
  readonly hooks: TestHooks
  readonly at: (relative: string) => DrivePath
  readonly right: <A>(task: Result<A>) => Promise<A>
  readonly left: <A, T extends FaultTag>(
    task: Result<A>,
    ...tags: ReadonlyArray<T>
  ) => Promise<Extract<DriveError, { readonly _tag: T }>>
  readonly same: (actual: unknown, expected: unknown, what: string) => void
  readonly holds: (condition: boolean, what: string) => void
  /** All below a directory, by path, relative to it: `a/`, `a/b`. */
  readonly tree: (of?: DrivePath) => Promise<ReadonlyArray<string>>
  readonly entriesOf: (of: DrivePath, limit?: number) => Promise<ReadonlyArray<Entry>>
  readonly makeDir: (relative: string) => Promise<DrivePath>
  readonly makeFile: (relative: string, content?: string) => Promise<DrivePath>
  readonly textOf: (path: DrivePath) => Promise<string>
  /** Ends the law unchecked: on this drive there is nothing to check, which could not be known before. */
  readonly notApplicable: (why: string) => never
}

export interface Law {
  /** A sentence; unique. */
  readonly name: string
  readonly operation: Operation | 'walk' | 'names' | 'capabilities' | 'programs'
  /** Where the contract says so. */
  readonly promise: string
  /** Skipped unless the drive declares all of these. */
  readonly needs: ReadonlyArray<Feature>
  /** Does not apply unless the test gives all of these. */
  readonly needsHooks?: ReadonlyArray<keyof TestHooks> | undefined
  /** Where what is declared leaves nothing to check, though no feature is missing: why. */
  readonly notApplicableFor?: ((capabilities: Capabilities) => string | undefined) | undefined
  readonly check: (harness: Harness) => Promise<void>
  /** Without its needs: what must be refused instead. */
  readonly otherwise?: ((harness: Harness) => Promise<void>) | undefined
}

export type LawResult =
  | { readonly law: Law; readonly status: 'kept'; readonly basis: Basis | undefined }
  | {
      readonly law: Law
      readonly status: 'skipped'
      /** What is not declared; none where the law had nothing to check. */
      readonly missing: ReadonlyArray<Feature>
      /** A sentence. */
      readonly why: string
      /** What must be refused instead was checked. */
      readonly refused: boolean
    }
  | { readonly law: Law; readonly status: 'broken'; readonly why: string; readonly basis: Basis | undefined }
  /** The run ended before its turn. */
  | { readonly law: Law; readonly status: 'not run'; readonly why: string }

export class Violation extends Error {
  override readonly name = 'Violation'
}

/** Thrown by a law that finds nothing to check. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable'
}
