// Move a tree from one drive to another: contracts are never replaced, elsewhere the newer file wins.
import { path, type DriveProvider } from '@anydrive/core'
import { migrate, type Clash, type Decision } from '@anydrive/migrate'

const newerWins = ({ source, existing }: Clash): Decision => {
  if (source.path.startsWith('contracts/')) return { renameTo: `${source.name} (from the old drive)` }
  if (source.kind !== 'file' || existing.kind !== 'file') return 'rename'
  return (source.modifiedAt ?? 0) > (existing.modifiedAt ?? 0) ? 'overwrite' : 'skip'
}

export const moveCompany = async (from: DriveProvider, to: DriveProvider): Promise<string> => {
  const migration = migrate({ from: { drive: from }, to: { drive: to, path: path('old-drive') }, conflict: newerWins })
  const ended = await migration.run()
  if (ended._tag === 'Left') return ended.left.message
  const { files, renamed, failed } = ended.right
  return `${files} files carried, ${renamed.length} renamed, ${failed.length} failed`
}
