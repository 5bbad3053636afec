// Laws of what some drives do with one file more: listVersions, restoreVersion, downloadUrl and setTimes.
import {
  fromBytes,
  reveal,
  readText,
  type DrivePath,
  type Feature,
  type FileVersion,
  type OptionalVerb,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Violation, type Harness, type Law } from '../law'
import { everyItem, refused, withVerbs } from '../words'
import { sameTime } from './times'

type FileVerb = Extract<OptionalVerb, 'listVersions' | 'restoreVersion' | 'downloadUrl' | 'setTimes'>
const law =
  (operation: FileVerb, ...others: ReadonlyArray<Feature>) =>
  (name: string, check: Law['check']): Law => ({
    name,
    operation,
    promise: '2.7 Optional operations',
    needs: [`operations.${operation}`, ...others],
    check,
  })

const versionsOf = (
  { drive, right }: Harness,
  path: DrivePath,
  limit?: number,
): Promise<ReadonlyArray<FileVersion>> => {
  const able = withVerbs(drive, 'operations.listVersions')
  return everyItem((cursor) => right(able.listVersions(path, { cursor, limit })))
}

/** A file that held each of these contents in turn. */
const written = async (harness: Harness, ...contents: ReadonlyArray<string>): Promise<DrivePath> => {
  const path = harness.at('f')
  for (const content of contents) {
    await harness.right(harness.drive.writeFile(path, fromBytes(content), { conflict: 'overwrite' }))
    await harness.hooks.settled?.()
  }
  return path
}

const textOfVersion = async (
  { drive, right }: Harness,
  path: DrivePath,
  { versionId }: FileVersion,
): Promise<string> => {
  const able = withVerbs(drive, 'operations.listVersions')
  return right(readText(await right(able.readFile(path, { version: versionId }))))
}

const oldest = (versions: ReadonlyArray<FileVersion>): string => {
  const id = versions.at(-1)?.versionId
  if (id === undefined) throw new Violation('the id of an earlier version was promised')
  return id
}

const listing = law('listVersions', 'conflict.writeFile.overwrite')
const restoring = law('restoreVersion', 'operations.listVersions', 'conflict.writeFile.overwrite')
const linking = law('downloadUrl')
const timing = law('setTimes')
const then = new Date('2020-02-03T04:05:06.789Z')

export const fileLaws: ReadonlyArray<Law> = [
  {
    ...listing('a file that was written once has one version, the current one', async (harness) => {
      const versions = await versionsOf(harness, await written(harness, 'only'))
      harness.same(
        versions.map(({ current }) => current),
        [true],
        'the versions',
      )
    }),
    otherwise: refused('listVersions', 'f'),
  },
  listing('what a file held before is listed, the newest first, and can be read', async (harness) => {
    const path = await written(harness, 'one', 'two', 'three')
    const versions = await versionsOf(harness, path)
    harness.same(
      versions.map(({ current }) => current),
      [true, false, false],
      'which is current',
    )
    const texts = []
    for (const version of versions) texts.push(await textOfVersion(harness, path, version))
    harness.same(texts, ['three', 'two', 'one'], 'the contents')
    harness.same(await harness.textOf(path), 'three', 'the content without a version')
  }),
  listing('pages yield each version once', async (harness) => {
    const path = await written(harness, 'one', 'two', 'three')
    harness.same(await versionsOf(harness, path, 1), await versionsOf(harness, path), 'the versions')
  }),
  listing('only files have versions', async (harness) => {
    const able = withVerbs(harness.drive, 'operations.listVersions')
    await harness.left(able.listVersions(await harness.makeDir('d')), 'WrongKind')
    await harness.left(able.listVersions(harness.at('none')), 'NotFound')
  }),
  {
    ...restoring('a restored version is the current content, and what it replaced is a version', async (harness) => {
      const path = await written(harness, 'one', 'two')
      const able = withVerbs(harness.drive, 'operations.restoreVersion')
      const entry = await harness.right(able.restoreVersion(path, oldest(await versionsOf(harness, path))))
      harness.same([entry.path, await harness.textOf(path)], [path, 'one'], 'the entry and its content')
      const texts = []
      for (const version of await versionsOf(harness, path)) texts.push(await textOfVersion(harness, path, version))
      harness.same(texts.includes('two'), true, 'whether the content until then is a version')
    }),
    otherwise: refused('restoreVersion', 'f', 'v'),
  },
  restoring('a version of another file is NotFound, and nothing changes', async (harness) => {
    const path = await written(harness, 'one', 'two')
    const id = oldest(await versionsOf(harness, path))
    const able = withVerbs(harness.drive, 'operations.restoreVersion', 'operations.listVersions')
    const other = await harness.makeFile('other')
    await harness.left(able.restoreVersion(other, id), 'NotFound')
    await harness.left(able.readFile(other, { version: id }), 'NotFound')
    harness.same(await harness.textOf(other), 'other', 'the content')
  }),

  {
    ...linking('the URL gives the bytes of the file to whoever has it, and is printed nowhere', async (harness) => {
      const able = withVerbs(harness.drive, 'operations.downloadUrl')
      const link = await harness.right(able.downloadUrl(await harness.makeFile('a', 'content'), { expiresIn: 600_000 }))
      harness.same(JSON.stringify(link.url), '"[secret]"', 'the URL as it is printed')
      const response = await fetch(reveal(link.url))
      harness.same([response.status, await response.text()], [200, 'content'], 'the status and the bytes')
    }),
    otherwise: refused('downloadUrl', 'f'),
  },
  linking('only files have a URL', async (harness) => {
    const able = withVerbs(harness.drive, 'operations.downloadUrl')
    await harness.left(able.downloadUrl(await harness.makeDir('d')), 'WrongKind')
    await harness.left(able.downloadUrl(harness.at('none')), 'NotFound')
  }),

  {
    ...timing('the times that the drive keeps are set, and nothing else', async (harness) => {
      const { drive, right, same } = harness
      const able = withVerbs(drive, 'operations.setTimes')
      const { createdAt, modifiedAt } = drive.capabilities.times.file
      const path = await harness.makeFile('a', 'content')
      const times = {
        ...(createdAt === 'kept' ? { createdAt: then } : {}),
        ...(modifiedAt === 'kept' ? { modifiedAt: then } : {}),
      }
      if (Object.keys(times).length === 0) return harness.notApplicable('no time of a file is kept')
      await right(able.setTimes(path, times))
      const entry = await right(drive.stat(path))
      if (createdAt === 'kept') sameTime(harness, entry.createdAt, then, 'createdAt')
      if (modifiedAt === 'kept') sameTime(harness, entry.modifiedAt, then, 'modifiedAt')
      same(await harness.textOf(path), 'content', 'the content')
    }),
    otherwise: refused('setTimes', 'f', { modifiedAt: then }),
  },
  timing('a time that is not given stays', async (harness) => {
    const { drive, right, same } = harness
    if (drive.capabilities.times.file.modifiedAt !== 'kept') return harness.notApplicable('modifiedAt is not kept')
    const able = withVerbs(drive, 'operations.setTimes')
    const path = await harness.makeFile('a')
    const before = await right(drive.stat(path))
    await right(able.setTimes(path, { modifiedAt: then }))
    same((await right(drive.stat(path))).createdAt, before.createdAt, 'createdAt')
  }),
  timing('of a directory they are set or refused, never ignored', async (harness) => {
    const able = withVerbs(harness.drive, 'operations.setTimes')
    const path = await harness.makeDir('d')
    const set = await able.setTimes(path, { modifiedAt: then })()
    if (E.isRight(set))
      sameTime(harness, (await harness.right(harness.drive.stat(path))).modifiedAt, then, 'modifiedAt')
    else harness.same(set.left._tag, 'Unsupported', 'the error')
  }),
  timing('of what does not exist they are NotFound', async (harness) => {
    const able = withVerbs(harness.drive, 'operations.setTimes')
    await harness.left(able.setTimes(harness.at('none'), { modifiedAt: then }), 'NotFound')
  }),
]
