// Choose a drive by configuration, and use it with promises.
import { createRegistry, DriveException, partition, toPromises } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import { local } from '@anydrive/local'
import { tencentSmh } from '@anydrive/tencent-smh'

const registry = createRegistry([tencentSmh, kooDrive, local])

export const archive = async (configuration: unknown): Promise<ReadonlyArray<string>> => {
  const opened = registry.openUnknown(configuration)
  if (opened._tag === 'Left') throw new Error(opened.left.message)
  const drive = toPromises(opened.right)

  const made = await drive.writeFile('inbox/report.txt', 'All is well.', { conflict: 'rename' })
  await drive.createDir('archive/2026').catch((error: unknown) => {
    if (!DriveException.is(error, 'NameConflict')) throw error
  })
  const moved = await drive.batchMove([
    { from: made.path, to: 'archive/2026/report.txt' },
    { from: 'inbox/missing.txt', to: 'archive/2026/missing.txt' },
  ])
  const { done, failed } = partition(moved)
  const lines = [...done.map((o) => `${o.item.from} → ${o.path}`), ...failed.map((o) => o.error._tag)]
  for await (const entry of drive.list('archive/2026')) lines.push(entry.name)
  return lines
}
