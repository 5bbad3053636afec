// A migration that replaces a file is killed after each of its requests: resumed, it leaves the new file and nothing else.
import { startFaultProxy, type FaultProxy } from '@anydrive/conformance'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')
let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

describe.each([
  ['smh', startTencentSmh],
  ['koo', startKooDrive],
] as const)('%s', (drive, start) => {
  let service: Emulator
  let proxy: FaultProxy
  beforeEach(async () => {
    service = await start({ seed: 5 })
    proxy = await startFaultProxy(service.url)
    const [settings] = Object.values(service.configuration)
    const text = JSON.stringify(settings).replaceAll(service.url, proxy.url)
    await here.configure({ [drive]: JSON.parse(text) as never })
  })
  afterEach(async () => {
    await proxy.close()
    await service.close()
  })

  /** False: the command ended before it had sent so many requests. */
  const killedAfter = async (requests: number, argv: ReadonlyArray<string>): Promise<boolean> => {
    const child = spawn(process.execPath, [bin, ...argv], { cwd: here.dir, stdio: 'ignore' })
    const closed = once(child, 'close')
    let sent = 0
    proxy.intercept(async (_request, forward) => {
      const n = ++sent
      if (n > requests) return 'drop'
      const answer = await forward()
      if (n !== requests) return answer
      child.kill('SIGKILL')
      return 'drop'
    })
    await closed
    proxy.intercept()
    return child.signalCode === 'SIGKILL'
  }

  // The second name is cut to fit in a temporary one.
  test.each([`replaced.bin`, `${'long '.repeat(15)}.bin`])('%s', async (name) => {
    let kills = 0
    for (let requests = 1; ; requests++) {
      const [from, to] = [`from-${requests}`, `${drive}:to-${requests}`]
      await mkdir(here.path(from))
      await writeFile(here.path(`${from}/${name}`), 'old')
      expect(await here.do(`put ./${from} ${to}`)).toMatchObject({ code: 0 })
      await writeFile(here.path(`${from}/${name}`), 'the new one')
      const argv = ['migrate', `./${from}`, to, '--conflict', 'overwrite', '--journal', `j-${requests}.db`]
      if (!(await killedAfter(requests, argv))) break
      kills += 1
      expect(await here.do([...argv, '--resume'].join(' '))).toMatchObject({ code: 0 })
      expect(await here.do(`get ${to} ./got-${requests}`)).toMatchObject({ code: 0, err: '' })
      expect(await readdir(here.path(`got-${requests}`))).toEqual([name])
      expect(await readFile(here.path(`got-${requests}/${name}`), 'utf8')).toBe('the new one')
    }
    expect(kills).toBeGreaterThan(3)
  })

  test('a sync that replaces a file by a directory, and the reverse', async () => {
    await mkdir(here.path('old/d'), { recursive: true })
    await writeFile(here.path('old/f'), 'a file')
    await writeFile(here.path('old/d/below'), 'in a directory')
    await mkdir(here.path('new/f'), { recursive: true })
    await writeFile(here.path('new/f/below'), 'in a directory now')
    await writeFile(here.path('new/d'), 'a file now')
    let kills = 0
    for (let requests = 1; ; requests++) {
      const to = `${drive}:to-${requests}`
      expect(await here.do(`migrate ./old ${to}`)).toMatchObject({ code: 0 })
      const argv = ['sync', './new', to, '--max-delete', '3', '--journal', `j-${requests}.db`]
      if (!(await killedAfter(requests, argv))) break
      kills += 1
      expect([requests, await here.do([...argv, '--resume'].join(' '))]).toMatchObject([requests, { code: 0 }])
      expect(await here.do(`check ./new ${to} --content`)).toMatchObject({ code: 0 })
      expect(await here.do(`cleanup ${to} --recursive`)).toMatchObject({ err: 'nothing to clean up\n' })
    }
    expect(kills).toBeGreaterThan(8)
  })
})

test('a directory of this machine', async () => {
  await mkdir(here.path('from'))
  await writeFile(here.path('from/f'), Buffer.alloc(2 ** 20, 1))
  const argv = ['migrate', './from', './to', '--bandwidth', '100K', '--journal', 'j.db']
  const child = spawn(process.execPath, [bin, ...argv], { cwd: here.dir, stdio: 'ignore' })
  const closed = once(child, 'close')
  const names = async () => readdir(here.path('to')).catch(() => [])
  while ((await names()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await closed
  expect(await names()).not.toEqual(['f'])
  expect(await here.do('migrate ./from ./to --journal j.db --resume')).toMatchObject({ code: 0 })
  expect(await names()).toEqual(['f'])
})
