// Shows a migration as a page until the command is stopped.
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import { withReader } from '../cluster'
import { untilStopped, type Answer, type Context } from '../context'
import { exits } from '../problem'
import { createFeed } from './feed'
import { chosenMigration, readCluster } from './of-cluster'
import { readJournal } from './of-journal'
import { serveDashboard } from './server'
import type { ReadState } from './state'

/** Listens only once the state could be read. */
const served = async ({ out, signal }: Context, read: ReadState, port: number): Promise<Answer> => {
  const first = await read()
  if (E.isLeft(first)) return first
  const serving = await serveDashboard(createFeed(read, first.right, signal), port)
  if (E.isLeft(serving)) return serving
  const { url, close } = serving.right
  await out.line(out.json ? JSON.stringify({ url }) : url)
  await untilStopped(signal)
  await close()
  return E.right(exits.done)
}

export const showJournal = (context: Context, file: string, port: number): Promise<Answer> =>
  served(context, readJournal(resolve(context.io.cwd, file), file), port)

export const showCluster = (context: Context, url: string, name: string | undefined, port: number): Promise<Answer> =>
  withReader(url, async (reading) => {
    const chosen = await chosenMigration(reading, name)
    return E.isLeft(chosen) ? chosen : served(context, readCluster(reading, chosen.right.name), port)
  })
