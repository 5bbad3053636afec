import { nameOf, parentOf, root, segments, type DrivePath, type Entry } from '@anydrive/core'
import {
  defineCapabilities,
  defineDrive,
  invalidPath,
  nameConflict,
  native,
  notFound,
  supportOf,
  unsupportedStrategy,
  type StrategyMapping,
} from '@anydrive/core/adapter'
import * as TE from 'fp-ts/TaskEither'

// One table says both what is sent and what the capabilities declare. This vendor can only refuse a taken name.
const only = { ask: native('fail'), rename: unsupportedStrategy, overwrite: unsupportedStrategy } as const
const dialect = { directory: only, file: only } as const satisfies StrategyMapping
const row = supportOf(dialect.directory, 'documented')

// What is not named here, the drive cannot do.
const capabilities = defineCapabilities({
  conflict: { createDir: row },
  naming: { maxLength: 64, lengthUnit: 'bytes', forbidden: '?', case: 'sensitive', normalisation: 'as-is' },
  limits: { page: 100 },
})

/** Folders of notes: it knows directories only. */
export const openNotes = (folders: Set<DrivePath> = new Set([root])) => {
  const entry = (path: DrivePath): Entry => ({ kind: 'directory', path, name: nameOf(path) })
  return defineDrive('notes', capabilities, {
    stat: (path) => (folders.has(path) ? TE.right(entry(path)) : TE.left(notFound({ what: 'source' }))),
    list: (path) => TE.right({ items: [...folders].filter((p) => p !== root && parentOf(p) === path).map(entry) }),
    createDir: (path) => {
      if (folders.has(path)) return TE.left(nameConflict({ existing: entry(path) }))
      if (!folders.has(parentOf(path))) return TE.left(notFound({ what: 'parent' })) // core makes it, and tries again
      folders.add(path)
      return TE.right({ kind: 'directory', path, name: nameOf(path), how: 'as-asked' })
    },
    readFile: (path) => TE.left(notFound({ what: 'source', said: `${segments(path).length} levels down` })),
    writeFile: () => TE.left(invalidPath({ reason: 'this drive holds folders only' })),
    abandonUpload: () => TE.right(undefined),
  })
}
