// drives: lists the configured drives, and where each leads.
import { root } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import type { Context } from '../context'
import { noConfiguration } from '../configuration'
import { exits } from '../problem'
import { nameText, tableText } from '../text'

interface Options {
  readonly check?: boolean
}
interface Row {
  readonly name: string
  readonly type: string
  readonly reach: string
  readonly state?: string
}

/** Only these settings are shown: others may be secret. */
const shown = ['baseUrl', 'url', 'root', 'libraryId', 'spaceId', 'containerId'] as const

const textOf = (settings: unknown, key: string): string | undefined => {
  const value: unknown =
    typeof settings === 'object' && settings !== null && key in settings
      ? (settings as Record<string, unknown>)[key]
      : undefined
  return typeof value === 'string' ? value : undefined
}

/** A URL may contain credentials. */
const withoutUser = (text: string): string => text.replace(/\/\/[^/@]*@/, '//')

const reachOf = (settings: unknown): string =>
  shown
    .map((key) => textOf(settings, key))
    .filter((text) => text !== undefined)
    .map((text) => nameText(withoutUser(text)))
    .join(' ')

const stateOf = async ({ drives, signal }: Context, name: string): Promise<string> => {
  const drive = drives.open(name)
  if (E.isLeft(drive)) return drive.left.message
  const found = await drive.right.stat(root, { signal })()
  return E.isLeft(found) ? found.left.message : 'ok'
}

export const addDrives: Add = (program, run) => {
  program
    .command('drives')
    .description('list the configured drives')
    .option('--check', 'check whether each drive answers')
    .action(
      run(async (context, _, { check = false }: Options) => {
        const { out } = context
        const configuration = context.drives.configuration()
        if (E.isLeft(configuration)) return configuration
        if (configuration.right === undefined) return E.left(noConfiguration())
        const rows: Array<Row> = []
        for (const [name, settings] of Object.entries(configuration.right.drives)) {
          const state = check ? { state: await stateOf(context, name) } : {}
          rows.push({ name, type: textOf(settings, 'type') ?? '?', reach: reachOf(settings), ...state })
        }
        if (out.json) await out.document(rows)
        else
          for (const line of tableText(
            rows.map(({ name, type, reach, state }) => [name, type, reach, ...(state === undefined ? [] : [state])]),
          ))
            await out.line(line)
        return E.right(rows.some(({ state = 'ok' }) => state !== 'ok') ? exits.partly : exits.done)
      }),
    )
}
