// The files that a migration keeps for itself (journal, plan, report): below the source or the target they are no data.
import type { DrivePath, DriveProvider } from '@anydrive/core'

/** Whether the entry at this path is such a file. */
export type OwnFiles = (path: DrivePath) => boolean

/** A drive of this machine says where one of its files is; `undefined` where the file lies outside the drive. */
interface OnThisMachine {
  readonly pathOf?: ((file: string) => DrivePath | undefined) | undefined
}

/** `files`: paths of this machine. Drives that are not of this machine have none of them. */
export const ownFilesOf = (
  drive: Pick<DriveProvider, 'vendor'> & OnThisMachine,
  files: ReadonlyArray<string>,
): OwnFiles => {
  const paths = new Set(files.flatMap((file) => drive.pathOf?.(file) ?? []))
  return (path) => paths.has(path)
}
