// versions: lists what a file holds and held, and makes an earlier content the current one.
import { pagesOf, requires } from '@anydrive/core'
import { Argument } from 'commander'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate, type Answer, type Context } from '../context'
import type { Location } from '../location'
import { exits, interrupted, ofDrive, usage } from '../problem'
import { knownSize, nameText } from '../text'

interface Options {
  readonly id?: string
}

const list = async ({ out, signal }: Context, { drive, path }: Location): Promise<Answer> => {
  const able = requires('operations.listVersions')(drive)
  if (E.isLeft(able)) return E.left(ofDrive(able.left))
  const where = { vendor: drive.vendor, operation: 'listVersions', path } as const
  for await (const page of pagesOf((cursor) => able.right.listVersions(path, { cursor, signal }), where)) {
    if (signal.aborted) return out.isClosed() ? E.right(exits.done) : E.left(interrupted)
    if (E.isLeft(page)) return E.left(ofDrive(page.left))
    for (const version of page.right.items) {
      const { versionId, current, createdAt } = version
      const time = createdAt?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '-'
      const id = versionId === undefined ? '' : `  (id ${nameText(versionId)})`
      const line = `${knownSize(version).padStart(9)}  ${time.padEnd(20)}  ${current ? 'current' : 'earlier'}${id}`
      await (out.json ? out.jsonLine(version) : out.line(line))
    }
  }
  return E.right(exits.done)
}

const restore = async ({ out, signal }: Context, { drive, path }: Location, { id }: Options): Promise<Answer> => {
  if (id === undefined)
    return E.left(usage('restore needs --id', 'anydrive versions ls shows the ids of a file’s versions.'))
  const able = requires('operations.restoreVersion')(drive)
  if (E.isLeft(able)) return E.left(ofDrive(able.left))
  const restored = await able.right.restoreVersion(path, id, { signal })()
  if (E.isLeft(restored)) return E.left(ofDrive(restored.left))
  if (out.json) await out.document(restored.right)
  return E.right(exits.done)
}

const actions = { ls: list, restore }
type Action = keyof typeof actions

export const addVersions: Add = (program, run) => {
  program
    .command('versions')
    .addArgument(
      new Argument(
        '<what>',
        'ls: list what a file holds and held, the newest first; restore: make an earlier content the current one',
      ).choices(Object.keys(actions)),
    )
    .argument('<place>')
    .description('list or restore the versions of a file')
    .option('--id <id>', 'of restore: the version, as versions ls shows it')
    .action(
      run(async (context, [what, text], options: Options) => {
        const place = locate(context, text)
        return E.isLeft(place) ? place : actions[what as Action](context, place.right, options)
      }),
    )
}
