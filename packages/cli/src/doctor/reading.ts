// What requests that change nothing show of a drive.
import {
  requires,
  root,
  type CallOptions,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type Page,
  type PageOptions,
  type Result,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { countText, sizeText } from '../text'
import { checked, differs, failed, notChecked, ok, type Check } from './check'

const isFile = (entry: Entry): entry is FileEntry => entry.kind === 'file'

/** The root's first page against what the capabilities say of every listing. */
const listing = ({ capabilities }: DriveProvider, { items, next, skipped = [] }: Page<Entry>): Check => {
  const { limits, features } = capabilities
  const names = items.map(({ name }) => name)
  const wrong = [
    ...(items.length > limits.page ? [`a page has ${items.length} entries; ${limits.page} were expected at most`] : []),
    ...(new Set(names).size < names.length ? ['an entry is listed twice'] : []),
    ...(features.sortedList && names.some((name, i) => name < (names[i - 1] ?? ''))
      ? ['the names are not in ascending order']
      : []),
    ...(features.etags && items.some((it) => isFile(it) && it.version === undefined) ? ['a file has no version'] : []),
    ...(items.some((it) => isFile(it) && it.size === undefined) ? ['the size of a file is not stated'] : []),
    ...(skipped.length > 0 ? [`${countText(skipped.length, 'name')} that no path can hold`] : []),
  ]
  const found = `${countText(items.length, 'entry', 'entries')} of the root${next === undefined ? '' : ', and more'}`
  return wrong.length === 0 ? ok('list', found) : differs('list', `${found}: ${wrong.join('; ')}`)
}

/** `stat` and `readFile` of the first file of the root. The report does not name the file. */
const oneFile = async (drive: DriveProvider, file: FileEntry, options: CallOptions): Promise<ReadonlyArray<Check>> => {
  const { checksums, features } = drive.capabilities
  const found = checked('stat', await drive.stat(file.path, options)(), (entry) => {
    if (entry.kind !== 'file' || entry.size !== file.size) return differs('stat', 'it differs from the listing')
    const missing = checksums.given.filter((algorithm) => entry.checksums[algorithm] === undefined)
    return missing.length === 0
      ? ok('stat', 'a file of the root is what the listing says')
      : differs('stat', `no ${missing.join(', ')} is reported for a file of the root`)
  })
  if (file.size === 0) return [found, notChecked('read', 'the first file of the root is empty')]
  const range = features.ranges ? { start: 0, end: 1 } : undefined
  const content = await drive.readFile(file.path, { ...options, range })()
  if (E.isLeft(content)) return [found, failed('read', content.left)]
  let bytes = 0
  try {
    for await (const chunk of content.right.stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > 0) break
    }
  } catch {
    return [found, differs('read', 'the content of a file of the root breaks off')]
  }
  return [
    found,
    bytes > 0 ? ok('read', 'a file of the root can be read') : differs('read', 'a file with a size has no content'),
  ]
}

const space = async (drive: DriveProvider, options: CallOptions): Promise<Check> => {
  if (!drive.capabilities.operations.usage) return notChecked('space', 'the service does not report it')
  return checked('space', await drive.usage(options)(), ({ used, capacity }) =>
    ok(
      'space',
      [
        used === undefined ? 'use not reported' : `${sizeText(used)} used`,
        capacity === undefined ? 'capacity not reported' : `${sizeText(capacity)} in all`,
      ].join(', '),
    ),
  )
}

/** The first page of what only some drives can list. */
const optional = async (
  drive: DriveProvider,
  file: FileEntry | undefined,
  options: PageOptions,
): Promise<ReadonlyArray<Check>> => {
  const asked = async <A>(about: string, task: Result<A> | undefined, show: (value: A) => string) =>
    task === undefined ? [] : [checked(about, await task(), (value) => ok(about, show(value)))]
  const first = { ...options, limit: 1 }
  const [trash, search, versions] = [
    requires('operations.listTrash')(drive),
    requires('operations.search')(drive),
    requires('operations.listVersions')(drive),
  ]
  return [
    ...(await asked('trash', E.isRight(trash) ? trash.right.listTrash(first) : undefined, ({ items }) =>
      items.length === 0 ? 'it is empty' : 'its entries can be listed',
    )),
    ...(await asked(
      'search',
      E.isRight(search) ? search.right.search({ name: file?.name ?? 'a' }, first) : undefined,
      () => 'the service answers',
    )),
    ...(await asked(
      'versions',
      E.isRight(versions) && file !== undefined ? versions.right.listVersions(file.path, first) : undefined,
      () => 'those of a file can be listed',
    )),
  ]
}

/** All checks that change nothing; only the first where the root cannot be listed. */
export const checkReading = async (drive: DriveProvider, options: CallOptions): Promise<ReadonlyArray<Check>> => {
  const begun = Date.now()
  const page = await drive.list(root, options)()
  if (E.isLeft(page)) return [failed('reach', page.left)]
  const file = page.right.items.find(isFile)
  return [
    ok('reach', `the service answered after ${Date.now() - begun} ms, and accepts the credentials`),
    listing(drive, page.right),
    ...(file === undefined
      ? [notChecked('stat', 'the first page of the root has no file'), notChecked('read', 'there is no file to read')]
      : await oneFile(drive, file, options)),
    await space(drive, options),
    ...(await optional(drive, file, options)),
  ]
}
