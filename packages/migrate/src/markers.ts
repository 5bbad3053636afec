// Markers: small files that are created at one place and looked for at another, to find out whether the two are one place.
import { fromBytes, isError, readText, under, type DriveError, type DrivePath } from '@anydrive/core'
import { locate, nestedTarget, temporaryName } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { withRetry, type Run } from './run'

export interface Markers {
  readonly mark: (path: DrivePath) => Promise<E.Either<DriveError, unknown>>
  /** Not under the run's signal: the marker is removed whatever happens. */
  readonly unmark: (path: DrivePath) => Promise<void>
  /** Whether a marker of this run is at this path of the source. */
  readonly shows: (path: DrivePath) => Promise<E.Either<DriveError, boolean>>
  /** A marker that another run left. */
  readonly adopt: (path: DrivePath) => void
  /** Removes every marker. */
  readonly close: () => Promise<void>
}

/**
 * The same for the same directory, so that a marker left behind by a process that was killed is replaced. `own`: of one process among several that must not take the markers of
 * each other away.
 */
export const markerIn = (dir: DrivePath, own = ''): DrivePath =>
  under(dir, temporaryName(under(dir, `same-place${own}` as DrivePath), 'new') as DrivePath)

/** `NestedTarget`, as a person reads it. */
export const samePlaceError = (run: Run, source: DrivePath): DriveError => ({
  ...locate({ vendor: run.from.drive.vendor, operation: 'batchRemove', path: source })(
    nestedTarget({ code: 'SamePlace' }),
  ),
  message: `/${source}: source and target are the same place, or one lies in the other; nothing more is removed. Choose another target`,
})

/** `drive`: where markers are created. `nonce`: what they hold. */
export const createMarkers = (
  run: Run,
  drive: Run['to']['drive'] = run.to.drive,
  nonce: string = randomUUID(),
): Markers => {
  const marked = new Set<DrivePath>()
  const unmark = async (path: DrivePath): Promise<void> => {
    const { features } = drive.capabilities
    await drive.batchRemove([path], { timeout: 60_000, ...(features.trash ? { permanent: true } : {}) })()
    marked.delete(path)
  }
  return {
    mark: (path) => {
      marked.add(path)
      return withRetry(run, drive.writeFile(path, fromBytes(nonce), { conflict: 'overwrite', signal: run.signal }))
    },
    unmark,
    shows: async (path) => {
      const content = await withRetry(run, run.from.drive.readFile(path, { signal: run.signal }))
      if (E.isLeft(content)) return isError('NotFound', 'WrongKind')(content.left) ? E.right(false) : content
      return E.map((text: string) => text === nonce)(await readText(content.right)())
    },
    adopt: (path) => void marked.add(path),
    close: async () => {
      for (const marker of marked) await unmark(marker)
    },
  }
}
