// Both vendors in a process of their own; answers each message with the requests counted since the one before.
import emulators from '../../packages/emulators/dist/index.js'

const all = [await emulators.startTencentSmh(), await emulators.startKooDrive()]
process.send(Object.assign({}, ...all.map(({ configuration }) => configuration)))
process.on('message', () => {
  process.send(Object.assign({}, ...all.map(({ requests }) => requests.counts())))
  for (const { requests } of all) requests.clear()
})
