import { fromBytes, path } from '@anydrive/core'
import { openWebDav, probeWebDav } from '@anydrive/webdav'

export const save = async (url: string, password: string) => {
  const settings = { url, auth: { kind: 'basic', user: 'mary', password } } as const
  const probed = await probeWebDav(settings)() // once; keep its `server` with the settings
  const drive = openWebDav(probed._tag === 'Right' ? probed.right : settings)
  const written = await drive.writeFile(path('reports/2026.txt'), fromBytes('hello'), { conflict: 'overwrite' })()
  return written._tag === 'Right' ? written.right.path : written.left.message
}
