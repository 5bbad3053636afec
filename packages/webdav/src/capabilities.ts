// The capabilities of a drive: a pure function of its settings, which include the probed traits of its server.
import type { Basis, Capabilities } from '@anydrive/core'
import { asAsk, defineCapabilities, emulated, native, supportOf, type StrategyMapping } from '@anydrive/core/adapter'
import type { ServerTraits, WebDavSettings } from './settings'

/** `refuse` a taken name, `number` until one is free, `replace` a file. */
export type Word = 'refuse' | 'number' | 'replace'

/** Bytes of a name that the file systems under the common servers take (docs/wire/webdav.md, names); no property says it. */
export const longestName = 255

const numbered = { ...emulated('none'), send: 'number' } as const
/** The old file is renamed first, since MOVE with `Overwrite: T` deletes whatever exists there (RFC 4918, 9.9.3). */
const replaced = { ...emulated('none'), send: 'replace' } as const
const refused = { ...emulated('none'), send: 'refuse' } as const

/** What is done for each strategy, from which the capabilities follow. */
export const dialect = {
  directory: { ask: native('refuse'), rename: numbered, overwrite: asAsk('refuse') },
  file: { ask: native('refuse'), rename: numbered, overwrite: replaced },
} as const satisfies StrategyMapping<Word>

/** Some servers answer 201 to MKCOL of an existing directory: it is created under a temporary name, then moved with `Overwrite: F`. */
const createdAside = { ...dialect.directory, ask: refused } as const
const writtenAside = { ...dialect.file, ask: refused } as const
const written = { ...dialect.file, overwrite: native('replace') } as const

/** Where a server ignores `Overwrite: F`, the name is looked up before each step; a race remains possible. */
const open = { ...emulated('open'), send: 'refuse' } as const
const unsafe = { ask: open, rename: emulated('open'), overwrite: emulated('open') } as const

const rowsOf = (server: ServerTraits, basis: Basis): Omit<Capabilities['conflict'], 'restore'> => {
  const directory = supportOf(dialect.directory, basis)
  const file = supportOf(dialect.file, basis)
  if (server.overwriteRefuses === false) {
    const row = supportOf(unsafe, 'probed')
    return { createDir: row, copyDir: row, moveDir: row, moveFile: row, copyFile: row, writeFile: row }
  }
  const direct =
    server.atomicPut === true ? (server.ifNoneMatch === true ? written : { ...written, ask: refused }) : writtenAside
  return {
    createDir: supportOf(server.mkcolRefuses === true ? dialect.directory : createdAside, basis),
    copyDir: directory,
    moveDir: directory,
    moveFile: file,
    copyFile: file,
    writeFile: supportOf(direct, basis),
  }
}

export const capabilities = ({ server }: Pick<WebDavSettings, 'server'>) => {
  const {
    ownCloud = false,
    keepsTime = false,
    setsTime = false,
    quota = true,
    atomicPut = false,
    ifMatch = false,
    etags = true,
    forbidden = '',
    forbiddenFirst = '',
  } = server ?? {}
  return defineCapabilities({
    operations: {
      copyDir: true,
      batchMove: true,
      batchCopy: true,
      batchRemove: true,
      usage: quota,
      setTimes: setsTime,
    },
    conflict: rowsOf(server ?? {}, server === undefined ? 'documented' : 'probed'),
    naming: {
      maxLength: longestName,
      lengthUnit: 'bytes',
      forbidden,
      forbiddenFirst,
      reserved: [],
      case: 'unknown',
      normalisation: 'unknown',
    },
    limits: { page: 1000, batch: 1000 },
    checksums: { given: ownCloud ? ['md5', 'sha1', 'sha256'] : [], checked: [] },
    upload: { instant: false, resume: 'restart', parts: 'none' },
    times: {
      directory: { createdAt: 'vendor', modifiedAt: 'vendor' },
      file: { createdAt: 'vendor', modifiedAt: keepsTime ? 'kept' : 'vendor' },
    },
    features: {
      background: false,
      trash: false,
      copyDirInBatch: true,
      crossSpaceMove: false,
      crossSpaceCopy: false,
      ranges: true,
      sortedList: false,
      etags: etags,
      ifVersion: etags && atomicPut && ifMatch,
    },
    consistency: { staleness: 0 },
  })
}
