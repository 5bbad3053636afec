import { path, toPromises } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'

const main = async () => {
  const drive = openMemory({ capacity: 1_000_000, trash: true })
  const files = toPromises(drive)
  await files.writeFile('reports/2024.txt', 'hello')
  await files.move('reports', 'archive/reports')
  const secondClient = openMemory({ store: drive.store })
  console.log(await secondClient.stat(path('archive/reports/2024.txt'))())
  console.log(await files.remove('archive'))
}

void main()
