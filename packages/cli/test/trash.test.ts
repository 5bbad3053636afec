// trash, find and link on the emulators of both vendors.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { desk, type Desk } from './command'

let emulators: ReadonlyArray<Emulator>
let here: Desk
beforeAll(async () => {
  emulators = [await startTencentSmh({ seed: 9 }), await startKooDrive({ seed: 9 })]
  here = await desk()
  const [smh, koo] = emulators
  await here.configure({ ...smh?.configuration, ...koo?.configuration })
})
afterAll(async () => {
  await here.clear()
  for (const emulator of emulators) await emulator.close()
})

const done = async (line: string, stdin?: string): Promise<string> => {
  const { code, out, err } = await here.do(line, stdin === undefined ? {} : { stdin })
  expect({ line, code, err }).toEqual({ line, code: 0, err: '' })
  return out
}
const idsIn = (text: string): ReadonlyArray<string> => [...text.matchAll(/\(id (\S+)\)$/gm)].map(([, id = '']) => id)

test.each(['smh', 'koo'])('an entry of %s is found, linked, removed, restored and erased', async (drive) => {
  await done(`put - ${drive}:d/Report.txt`, 'content')
  await done(`put - ${drive}:d/other`, 'other')
  for (const way of ['', ' --walk'])
    expect(await done(`find ${drive}:d --name report${way}`)).toBe(`${drive}:/d/Report.txt\n`)

  const { code, out } = await here.do(`link ${drive}:d/Report.txt`)
  expect(code).toBe(0)
  expect(await (await fetch(out.trim())).text()).toBe('content')

  const [row] = JSON.parse(await done(`rm --json ${drive}:d/Report.txt`)) as ReadonlyArray<{ trashId: string }>
  const ids = idsIn(await done(`trash ls ${drive}:`))
  expect(ids).toEqual([row?.trashId])
  expect(await done(`trash restore ${drive}: --id ${ids[0]} --conflict rename`)).toBe(
    `restored  ${drive}:/d/Report.txt\n`,
  )
  expect(await done(`cat ${drive}:d/Report.txt`)).toBe('content')

  await done(`rm ${drive}:d/Report.txt ${drive}:d/other`)
  const [first, ...others] = idsIn(await done(`trash ls ${drive}:`))
  await done(`trash purge ${drive}: --yes --id ${first}`)
  expect(idsIn(await done(`trash ls ${drive}:`))).toEqual(others)
  expect(others).toHaveLength(1)
  await done(`trash empty ${drive}: --yes`)
  expect(await done(`trash ls ${drive}:`)).toBe('')
})
