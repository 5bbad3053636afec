// What a user writes first. The test compiles and runs it in projects of its own.
import { createRegistry, toPromises } from '@anydrive/core'
import { startTencentSmh } from '@anydrive/emulators'
import { tencentSmh } from '@anydrive/tencent-smh'

const main = async (): Promise<void> => {
  const emulator = await startTencentSmh({ strict: true })
  const opened = createRegistry([tencentSmh]).openUnknown(emulator.configuration['smh'])
  if (opened._tag === 'Left') throw new Error(opened.left.message)
  const drive = toPromises(opened.right)
  await drive.writeFile('reports/2026.txt', 'All is well.')
  console.log(await drive.readText('reports/2026.txt'))
  await emulator.close()
}
void main()
