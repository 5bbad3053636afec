import { toPromises } from '@anydrive/core'
import { openLocal } from '@anydrive/local'

const main = async () => {
  const drive = toPromises(openLocal({ root: process.argv[2] ?? '.' }))
  await drive.writeFile('notes/today.txt', 'hello')
  const again = await drive.writeFile('notes/today.txt', 'hello again', { conflict: 'rename' })
  console.log(again.path)
  for await (const entry of drive.list('notes')) console.log(entry.kind, entry.name)
  await drive.remove('notes')
}

void main()
