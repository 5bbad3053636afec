// The same drive without exceptions: errors are values, and the compiler knows them all.
import {
  ensureDir,
  fromBytes,
  isAccepted,
  matchSome,
  path,
  settled,
  type DriveProvider,
  type Result,
} from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'

export const backUp = (drive: DriveProvider): Result<string> =>
  pipe(
    ensureDir(drive, path('photos')),
    TE.flatMap(() => drive.writeFile(path('photos/sea.txt'), fromBytes('~~~'), { conflict: 'overwrite' })),
    TE.flatMap(() => drive.copyDir(path('photos'), path('backup'), { wait: false })),
    TE.flatMap((copied) => (isAccepted(copied) ? settled(drive, copied.task) : TE.right(copied))),
    TE.map((placed) => `copied to /${placed.path}`),
    TE.orElse(matchSome({ NameConflict: () => TE.right('there is a backup already') }, (error) => TE.left(error))),
  )
