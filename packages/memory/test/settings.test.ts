// The settings of a memory drive, from JSON.
import * as E from 'fp-ts/Either'
import { createRegistry, path, toPromises } from '@anydrive/core'
import { memory, MemorySettings, openMemory } from '../src'

test('a registry opens it from JSON, and the capabilities follow the settings', () => {
  const registry = createRegistry([memory])
  const settings = { type: 'memory', trash: true, background: true, limits: { page: 7 }, naming: { forbidden: ':' } }
  const opened = registry.openUnknown(settings)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  expect(opened.right.capabilities).toMatchObject({
    features: { trash: true, background: true },
    limits: { page: 7 },
    naming: { forbidden: ':', maxLength: 255 },
  })
  expect(openMemory().capabilities).toMatchObject({ features: { trash: false, background: false } })
})

test('settings that are wrong are named', () => {
  const opened = createRegistry([memory]).openUnknown({ type: 'memory', limits: { page: 'many' } })
  expect(opened).toMatchObject(E.left({ _tag: 'InvalidSettings', issues: [{ at: 'limits.page' }] }))
})

test('the change feed keeps as many changes as asked for, and no cursor from before them', async () => {
  const drive = openMemory({ changeFeed: 2 })
  const promised = toPromises(drive)
  const changes = async (cursor?: string) => {
    const answer = await drive.changes({ cursor })()
    if (E.isLeft(answer)) throw new Error(answer.left.message, { cause: answer.left })
    return answer.right
  }
  const { cursor } = await changes()
  await promised.createDir('a/b')
  const page = await changes(cursor)
  expect(page.items.map(({ what, path: at }) => `${what} ${at ?? ''}`)).toEqual(['created a', 'created a/b'])
  await promised.createDir('c')
  await expect(changes(cursor)).rejects.toMatchObject({ cause: { _tag: 'NotFound', what: 'cursor' } })
  for (let i = 0; i < 9; i++) await promised.createDir(`d${i}`)
  await expect(changes(page.cursor)).rejects.toMatchObject({ cause: { what: 'cursor' } })
  expect((await changes((await changes()).cursor)).items).toEqual([])
  expect(drive.capabilities.operations.changes).toBe(true)
  expect(await openMemory().changes()()).toMatchObject({ left: { feature: 'operations.changes' } })
  const other = openMemory({ store: drive.store })
  await promised.createDir(path('x'))
  expect(await other.changes({ cursor: page.cursor })()).toMatchObject({ left: { _tag: 'NotFound' } })
})

test('limits that make no sense are refused', () => {
  for (const settings of [{ limits: { page: 0 } }, { capacity: -1 }, { latency: -1 }, { background: { looks: -1 } }])
    expect(E.isLeft(MemorySettings.decode(settings))).toBe(true)
})
