// cleanup: what a killed process left is removed or put back, on any drive.
import type { DrivePath } from '@anydrive/core'
import { temporaryName } from '@anydrive/core/adapter'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { spawn } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')

let emulators: ReadonlyArray<Emulator>
let here: Desk
beforeAll(async () => {
  emulators = [await startTencentSmh({ seed: 9 }), await startKooDrive({ seed: 9 })]
})
afterAll(async () => {
  for (const emulator of emulators) await emulator.close()
})
beforeEach(async () => {
  here = await desk()
  const [smh, koo] = emulators
  await mkdir(here.path('disk'))
  await here.configure({
    ...smh?.configuration,
    ...koo?.configuration,
    disk: { type: 'local', root: here.path('disk') },
  })
})
afterEach(async () => {
  await here.do('rm smh:c koo:c -r -f --permanent')
  await here.clear()
})

const put = async (place: string, content: string): Promise<void> => {
  const { code, err } = await here.do(`put - ${place}`, { stdin: content })
  expect({ code, err }).toEqual({ code: 0, err: '' })
}
const temporary = (path: string, use: 'new' | 'old' | 'move'): string => temporaryName(path as DrivePath, use)

describe.each(['smh', 'koo', 'disk'])('on %s', (drive) => {
  test('unfinished content is removed, and what was set aside is restored', async () => {
    await put(`${drive}:c/kept`, 'kept')
    await put(`${drive}:c/${temporary('c/kept', 'old')}`, 'replaced before')
    await put(`${drive}:c/${temporary('c/half', 'new')}`, 'half')
    await put(`${drive}:c/${temporary('c/lost', 'old')}`, 'lost')
    await put(`${drive}:c/deep/${temporary('c/deep/x', 'new')}`, 'x')
    const flat = await here.do(`cleanup ${drive}:c`)
    expect(flat).toMatchObject({ code: 0 })
    expect(flat.out.trimEnd().split('\n').sort()).toEqual([
      `removed   ${drive}:/c/${temporary('c/half', 'new')}`,
      `removed   ${drive}:/c/${temporary('c/kept', 'old')}`,
      `restored  ${drive}:/c/${temporary('c/lost', 'old')} → ${drive}:/c/lost`,
    ])
    expect((await here.do(`cat ${drive}:c/lost`)).out).toBe('lost')
    expect((await here.do(`cat ${drive}:c/kept`)).out).toBe('kept')
    const deep = await here.do(`cleanup --recursive --json ${drive}:c`)
    expect(JSON.parse(deep.out)).toMatchObject({ done: 'removed', use: 'new' })
    expect(await here.do(`cleanup -r ${drive}:c`)).toMatchObject({ code: 0, out: '', err: 'nothing to clean up\n' })
    expect((await here.do(`ls ${drive}:c/deep`)).out).toBe('')
  })

  test('what nobody can interpret is kept, named, and makes the exit code 1', async () => {
    await put(`${drive}:c/mine.anydrive-00ff000279df`, 'mine')
    const kept = await here.do(`cleanup ${drive}:c`)
    expect(kept).toMatchObject({ code: 1 })
    expect(kept.out).toMatch(/^kept {6}.*mine\.anydrive-00ff000279df/)
    expect((await here.do(`ls ${drive}:c`)).out).toContain('mine.anydrive-00ff000279df')
  })
})

test('a migration that was killed leaves a temporary, which is removed', async () => {
  await mkdir(here.path('s'))
  await writeFile(here.path('s/f'), Buffer.alloc(2 ** 20, 1))
  const child = spawn(process.execPath, [bin, 'migrate', './s', 'disk:', '--bandwidth', '100K'], {
    cwd: here.dir,
    stdio: 'ignore',
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  while ((await readdir(here.path('disk'))).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await closed
  const [left = ''] = await readdir(here.path('disk'))
  const cleaned = await here.do('cleanup disk:')
  expect(cleaned).toMatchObject({ code: 0, out: `removed   disk:/${left}\n` })
  expect(await readdir(here.path('disk'))).toEqual([])
  expect(await here.do('migrate ./s disk:')).toMatchObject({ code: 0 })
  expect(await readFile(here.path('disk/f'))).toHaveLength(2 ** 20)
})

test('a place that does not exist is an error', async () => {
  for (const drive of ['smh', 'koo', 'disk']) expect(await here.do(`cleanup ${drive}:none`)).toMatchObject({ code: 4 })
})
