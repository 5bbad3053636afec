// Both vendors in a process of their own, with the options of the first argument; answers each message with what they were asked since the one before.
import emulators from '../../packages/emulators/dist/index.js'

const options = JSON.parse(process.argv[2] ?? '{}')
const all = [await emulators.startTencentSmh(options), await emulators.startKooDrive(options)]
let before = process.cpuUsage()
process.send(Object.assign({}, ...all.map(({ configuration }) => configuration)))
process.on('message', () => {
  const { user, system } = process.cpuUsage(before)
  const sum = (countOf) => all.reduce((total, { requests }) => total + countOf(requests), 0)
  process.send({
    requests: sum((requests) => requests.count()),
    refused: sum((requests) => requests.list().filter(({ status }) => status === 429).length),
    cpu: (user + system) / 1000,
  })
  for (const { requests } of all) requests.clear()
  before = process.cpuUsage()
})
