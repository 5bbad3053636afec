import { DriveException, partition, toPromises, type DriveProvider } from '@anydrive/core'

export const tidy = async (provider: DriveProvider): Promise<ReadonlyArray<string>> => {
  const drive = toPromises(provider)
  const made = await drive.writeFile('inbox/report.txt', 'All is well.', { conflict: 'rename' })
  const moved = await drive.batchMove([
    { from: made.path, to: 'archive/report.txt' },
    { from: 'inbox/none', to: 'archive/none' },
  ])
  const { done, failed } = partition(moved)
  const lines = [...done.map((o) => `${o.item.from} → ${o.path}`), ...failed.map((o) => o.error.message)]
  try {
    await drive.createDir('archive')
  } catch (error) {
    if (!DriveException.is(error, 'NameConflict')) throw error
    lines.push(`taken by a ${error.error.existing?.kind ?? 'something'}`)
  }
  for await (const entry of drive.walk('/')) lines.push(entry.path)
  return lines
}
