// The emulator of SMH in a process of its own, with the options of its first argument; answers each message with what it was asked since the one before.
import emulators from '../../packages/emulators/dist/index.js'

const emulator = await emulators.startTencentSmh(JSON.parse(process.argv[2] ?? '{}'))
let before = process.cpuUsage()
process.send(emulator.configuration)
process.on('message', () => {
  const { user, system } = process.cpuUsage(before)
  const requests = emulator.requests.count()
  const refused = emulator.requests.list().filter(({ status }) => status === 429).length
  process.send({ requests, refused, cpu: (user + system) / 1000 })
  emulator.requests.clear()
  before = process.cpuUsage()
})
