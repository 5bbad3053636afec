import { fromBytes } from '@anydrive/core'
import { at, bytesOf, right, startBench, type Bench } from './harness'
import { text } from 'node:stream/consumers'

let bench: Bench
beforeAll(async () => {
  bench = await startBench({}, { upload: { singleUpTo: 1024 * 1024, partSize: 1024 * 1024 } })
})
afterAll(() => bench.emulator.close())

test('smoke', async () => {
  const { drive, counted } = bench
  await right(drive.stat(at('/')))
  console.log(await right(drive.createDir(at('a/b/c'))))
  console.log(await right(drive.createDir(at('a/b/c'), { conflict: 'rename' })))
  console.log(await drive.createDir(at('a/b/c'))())
  console.log(await right(drive.writeFile(at('x/y/f.txt'), fromBytes('hello'), { modifiedAt: new Date(0), contentType: 'text/x' })))
  console.log(counted())
  console.log(await right(drive.writeFile(at('x/y/big'), fromBytes(bytesOf(3_500_000)))))
  console.log(await right(drive.writeFile(at('x/y/big2'), fromBytes(bytesOf(3_500_000)))))
  console.log(counted())
  console.log(await right(drive.list(at('x/y'))))
  const c = await right(drive.readFile(at('x/y/f.txt')))
  console.log(await text(c.stream))
  console.log(await right(drive.copyDir(at('x'), at('z'))))
  console.log(JSON.stringify(await right(drive.batchMove([{ from: at('z/y/f.txt'), to: at('q/r/f.txt') }, { from: at('a'), to: at('aa') }]))))
  console.log(JSON.stringify(await right(drive.batchRemove([at('q'), at('nix')]))))
  console.log(await right(drive.usage()))
  console.log(await right(drive.smh.renewToken()))
  console.log(counted())
})
